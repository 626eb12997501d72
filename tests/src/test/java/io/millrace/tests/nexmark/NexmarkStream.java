package io.millrace.tests.nexmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;

/**
 * Cuts the events that there are into batches, and each batch into two partitions, one behind the
 * other.
 */
final class NexmarkStream implements MicroBatchStream, SupportsTriggerAvailableNow, Batch {
  private static final int PARTITIONS = 2;

  private final Events events;
  private final Events.Kind kind;
  private final Path written;
  private final long most;
  private long bound = Long.MAX_VALUE;

  /**
   * A stream from the first event on.
   *
   * @param written a file that holds how many events there are
   * @param most events of the whole site in one batch
   */
  NexmarkStream(Events events, Events.Kind kind, Path written, long most) {
    this.events = events;
    this.kind = kind;
    this.written = written;
    this.most = most;
  }

  private long written() {
    try {
      return Long.parseLong(Files.readString(written).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read how many events there are: " + written, e);
    }
  }

  @Override
  public Offset initialOffset() {
    return new NexmarkOffset(0);
  }

  @Override
  public Offset latestOffset(Offset start, ReadLimit limit) {
    long from = ((NexmarkOffset) start).number();
    return new NexmarkOffset(Math.max(from, Math.min(from + most, Math.min(bound, written()))));
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("Asked without a start");
  }

  @Override
  public void prepareForTriggerAvailableNow() {
    bound = written();
  }

  @Override
  public Offset deserializeOffset(String json) {
    return NexmarkOffset.of(json);
  }

  @Override
  public InputPartition[] planInputPartitions(Offset start, Offset end) {
    return parts(((NexmarkOffset) start).number(), ((NexmarkOffset) end).number());
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return parts(0, written());
  }

  private InputPartition[] parts(long from, long until) {
    long[] ends =
        LongStream.rangeClosed(0, PARTITIONS)
            .map(part -> from + (until - from) * part / PARTITIONS)
            .toArray();
    InputPartition[] parts = new InputPartition[PARTITIONS];
    for (int part = 0; part < PARTITIONS; part++) {
      parts[part] = new NexmarkRows.Part(events, kind, ends[part], ends[part + 1]);
    }
    return parts;
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new NexmarkRows();
  }

  @Override
  public void commit(Offset end) {
    // An event can be made again from its number.
  }

  @Override
  public void stop() {
    // Nothing is held.
  }
}
