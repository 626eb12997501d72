package io.millrace.engine.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;

/** Hands each row of a task to all outputs, as it comes. */
record RealTimeTasks(List<TaskOutput> outputs) implements StreamingDataWriterFactory {
  /** What one task did. */
  private record Message(RowJob.Done done) implements WriterCommitMessage {}

  /** What all tasks did. */
  static RowJob.Done done(WriterCommitMessage[] messages) {
    List<RowJob.Done> tasks =
        Arrays.stream(messages).map(message -> ((Message) message).done()).toList();
    return new RowJob.Done(
        tasks.stream().flatMap(task -> task.deliveries().stream()).toList(),
        tasks.stream().mapToLong(RowJob.Done::rows).sum());
  }

  @Override
  public DataWriter<InternalRow> createWriter(int partition, long task, long batch) {
    List<TaskOutput.Writing> open = new ArrayList<>();
    try {
      outputs.forEach(output -> open.add(output.open(partition)));
    } catch (RuntimeException e) {
      open.forEach(TaskOutput.Writing::close);
      throw e;
    }
    return new Rows(open);
  }

  private static final class Rows implements DataWriter<InternalRow> {
    private final TaskOutput.Writing[] open;
    private long count;

    Rows(List<TaskOutput.Writing> open) {
      this.open = open.toArray(TaskOutput.Writing[]::new);
    }

    @Override
    public void write(InternalRow row) {
      count++;
      for (TaskOutput.Writing output : open) {
        output.write(row);
      }
    }

    @Override
    public WriterCommitMessage commit() {
      return new Message(
          new RowJob.Done(Arrays.stream(open).map(TaskOutput.Writing::finish).toList(), count));
    }

    @Override
    public void abort() {
      close();
    }

    @Override
    public void close() {
      Arrays.stream(open).forEach(TaskOutput.Writing::close);
    }
  }
}
