package io.millrace.engine.source;

import io.millrace.engine.spi.Cursor;
import io.millrace.engine.spi.Ending;
import java.io.IOException;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.PartitionOffset;
import org.apache.spark.sql.connector.read.streaming.SupportsRealTimeRead;
import org.apache.spark.sql.execution.streaming.runtime.StreamExecution;
import org.apache.spark.sql.kafka010.KafkaSourcePartitionOffset;
import org.apache.spark.util.TaskCompletionListener;

/** Spark's own readers of Kafka in real time, which here look up whether they are to end. */
record KafkaWaiting(PartitionReaderFactory kafka) implements PartitionReaderFactory {
  private static final long LOOK_MILLIS = 50;

  @Override
  @SuppressWarnings("unchecked") // Spark's readers of Kafka are of this sort
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    TaskContext task = TaskContext.get();
    String query = task.getLocalProperty(StreamExecution.QUERY_ID_KEY());
    SupportsRealTimeRead<InternalRow> reader =
        (SupportsRealTimeRead<InternalRow>) (Object) kafka.createReader(partition);
    KafkaSourcePartitionOffset from = (KafkaSourcePartitionOffset) reader.getOffset();
    TopicPartition of = from.topicPartition();
    long attempt = task.taskAttemptId();
    Cursor cursor = Cursor.open(attempt, of.topic(), of.partition(), from.partitionOffset());
    TaskCompletionListener atEnd = ended -> Cursor.close(attempt);
    TaskContext unused = task.addTaskCompletionListener(atEnd);
    return new Reader(reader, Objects.requireNonNull(query), cursor);
  }

  private record Reader(SupportsRealTimeRead<InternalRow> kafka, String query, Cursor cursor)
      implements SupportsRealTimeRead<InternalRow> {
    @Override
    public RecordStatus nextWithTimeout(Long timeout) throws IOException {
      cursor.moveTo(((KafkaSourcePartitionOffset) kafka.getOffset()).partitionOffset());
      cursor.failIfEnded();
      long end = System.nanoTime() + timeout * 1_000_000;
      long left = timeout;
      while (left > 0 && !Ending.asked(query)) {
        RecordStatus status = kafka.nextWithTimeout(Math.min(left, LOOK_MILLIS));
        if (status.hasRecord()) {
          return status;
        }
        cursor.failIfEnded();
        left = (end - System.nanoTime()) / 1_000_000;
      }
      return RecordStatus.newStatusWithoutArrivalTime(false);
    }

    /** Asked when a batch ends, be it by the clock while there are more records. */
    @Override
    public PartitionOffset getOffset() {
      PartitionOffset end = kafka.getOffset();
      cursor.moveTo(((KafkaSourcePartitionOffset) end).partitionOffset());
      return end;
    }

    @Override
    public boolean next() throws IOException {
      return kafka.next();
    }

    @Override
    public InternalRow get() {
      return kafka.get();
    }

    @Override
    public CustomTaskMetric[] currentMetricsValues() {
      return kafka.currentMetricsValues();
    }

    @Override
    public void close() throws IOException {
      kafka.close();
    }
  }
}
