package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Cursor;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.RowWriter;
import io.millrace.sinks.encode.Rejected;
import io.millrace.sinks.encode.UnfitValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Sends the rows of one task, and waits for their answers. */
final class KafkaWriter implements RowWriter<KafkaReceipt>, Callback {
  private final Outlet outlet;
  private final KafkaSink.Settings settings;
  private final String topic;
  private final Layout layout;
  private final List<Header> envelope;
  private final Rejected rejected;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final long first = Places.first(TaskContext.getPartitionId());
  private final long attempt;
  private int partitions = -1;
  private boolean asked;
  private long rows;
  private long sent;

  KafkaWriter(Outlet outlet, KafkaSink.Settings settings, Attempt trial) {
    this.outlet = outlet;
    this.settings = settings;
    this.topic = settings.topic();
    this.layout = Layout.of(settings, trial.rows());
    this.envelope = Envelope.of(trial);
    this.rejected = new Rejected(trial);
    TaskContext task = TaskContext.get();
    this.attempt = task == null ? -1 : task.taskAttemptId();
    if (task != null) {
      // What fails need not be this writer.
      TaskContext unused = task.addTaskFailureListener(this::failed);
    }
  }

  private void failed(TaskContext task, Throwable why) {
    if (sent > 0) {
      outlet.giveUp(why);
    }
  }

  @Override
  public void write(InternalRow row) {
    failIfRefused();
    rows++;
    Integer partition = layout.partition(row);
    if (partition != null && !exists(partition)) {
      rejected.add(
          row,
          first + rows - 1,
          "unknown_partition",
          "partition %d is none of topic %s, which has %d, from 0 on"
              .formatted(partition, topic, partitions));
      return;
    }
    byte @Nullable [] key = layout.key(row);
    boolean deletes = layout.deletes(row);
    if (deletes && key == null) {
      rejected.add(
          row, first + rows - 1, "key", "a row that deletes has to name its key, and has none");
      return;
    }
    byte @Nullable [] value;
    try {
      value = deletes ? null : layout.value(row);
    } catch (UnfitValue unfit) {
      rejected.add(row, first + rows - 1, "encode", Objects.requireNonNull(unfit.getMessage()));
      return;
    }
    List<Header> headers = new ArrayList<>(envelope);
    layout.headers(row, headers);
    send(new ProducerRecord<>(topic, partition, key, value, headers));
  }

  private void send(ProducerRecord<byte[], byte[]> next) {
    sent++;
    try {
      outlet.send(next, this);
    } catch (KafkaException e) {
      throw refused(e);
    }
  }

  /**
   * The producer would wait long for a partition that is not there; a new one is asked for once.
   */
  private boolean exists(int partition) {
    try {
      if (partitions < 0) {
        partitions = outlet.partitions(topic);
      }
    } catch (KafkaException e) {
      throw refused(e);
    }
    if (partition >= partitions && !asked) {
      asked = true;
      partitions = TopicCheck.partitions(settings);
    }
    return partition >= 0 && partition < partitions;
  }

  @Override
  public void onCompletion(@Nullable RecordMetadata where, @Nullable Exception why) {
    if (why == null) {
      acknowledged.incrementAndGet();
    } else if (failure.compareAndSet(null, why)) {
      endReading(why);
    }
  }

  /** Where a task waits for rows, the next one may be long in coming. */
  private void endReading(Exception why) {
    Cursor cursor = Cursor.of(attempt);
    if (cursor != null) {
      cursor.end(refused(why));
    }
  }

  @Override
  public KafkaReceipt finish() {
    if (sent > 0) {
      try {
        outlet.flush();
      } catch (KafkaException e) {
        throw refused(e);
      }
    }
    failIfRefused();
    if (acknowledged.get() != sent) {
      throw new IllegalStateException(
          "Cannot tell whether topic %s has all records: %d sent, %d acknowledged"
              .formatted(topic, sent, acknowledged.get()));
    }
    return new KafkaReceipt(rows, rejected.all());
  }

  @Override
  public void close() {
    // Whoever fails has told so; what was sent is counted when the batch is committed.
  }

  private void failIfRefused() {
    Exception why = failure.get();
    if (why != null) {
      throw refused(why);
    }
  }

  private IllegalStateException refused(Exception why) {
    return new TransactionException(
        "Cannot write to topic " + topic + ": " + outlet.refused(why), why);
  }
}
