package io.millrace.tests.bench;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.unsafe.types.UTF8String;

/** A sink for both sides that keeps no row, but adds up what it has seen. */
public final class Nothing implements TableProvider {
  private static final AtomicReference<Tally> SEEN = new AtomicReference<>(Tally.NONE);

  /** What was committed since the last call, in this JVM. */
  static Tally take() {
    return SEEN.getAndSet(Tally.NONE);
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return new StructType();
  }

  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }

  @Override
  public Table getTable(StructType schema, Transform[] parts, Map<String, String> options) {
    return new Sink();
  }

  private static final class Sink implements SupportsWrite {
    @Override
    public String name() {
      return "nothing";
    }

    @Override
    @SuppressWarnings("deprecation") // The only way that Spark 4.0 and 4.1 share.
    public StructType schema() {
      return new StructType();
    }

    @Override
    public Set<TableCapability> capabilities() {
      return Set.of(
          TableCapability.BATCH_WRITE,
          TableCapability.STREAMING_WRITE,
          TableCapability.ACCEPT_ANY_SCHEMA);
    }

    @Override
    public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
      StructType rows = info.schema();
      return new WriteBuilder() {
        @Override
        public Write build() {
          return new Counting(rows);
        }
      };
    }
  }

  private record Counting(StructType rows) implements Write, BatchWrite, StreamingWrite {
    @Override
    public BatchWrite toBatch() {
      return this;
    }

    @Override
    public StreamingWrite toStreaming() {
      return this;
    }

    @Override
    public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
      return new Writers(rows);
    }

    @Override
    public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
      return new Writers(rows);
    }

    @Override
    public boolean useCommitCoordinator() {
      return true;
    }

    @Override
    public void commit(WriterCommitMessage[] messages) {
      for (WriterCommitMessage message : messages) {
        if (message instanceof Seen seen) {
          SEEN.accumulateAndGet(seen.tally(), Tally::plus);
        }
      }
    }

    @Override
    public void commit(long batch, WriterCommitMessage[] messages) {
      commit(messages);
    }

    @Override
    public void abort(WriterCommitMessage[] messages) {}

    @Override
    public void abort(long batch, WriterCommitMessage[] messages) {}
  }

  private record Writers(StructType rows) implements DataWriterFactory, StreamingDataWriterFactory {
    private static final long serialVersionUID = 1;

    @Override
    public DataWriter<InternalRow> createWriter(int partition, long task) {
      return new Adder(rows);
    }

    @Override
    public DataWriter<InternalRow> createWriter(int partition, long task, long batch) {
      return new Adder(rows);
    }
  }

  private record Seen(Tally tally) implements WriterCommitMessage {
    private static final long serialVersionUID = 1;
  }

  private static final class Adder implements DataWriter<InternalRow> {
    private static final int NO_SCORE = -1;

    private final boolean windows;
    private final int key;
    private final int time;
    private final int first;
    private final int second;
    private final int score;
    private long rows;
    private long sum;
    private long mix;

    private Adder(StructType schema) {
      windows = schema.getFieldIndex("window_start").isDefined();
      key = schema.fieldIndex("k");
      time = schema.fieldIndex(windows ? "window_start" : "t");
      first = schema.fieldIndex(windows ? "n" : "id");
      second = schema.fieldIndex(windows ? "total" : "amount");
      score = schema.getFieldIndex("score").isDefined() ? schema.fieldIndex("score") : NO_SCORE;
    }

    @Override
    public void write(InternalRow row) {
      long micros = row.getLong(time);
      long number = number(row.getUTF8String(key));
      long one = row.getLong(first);
      long two = row.getLong(second);
      rows++;
      sum += one;
      mix +=
          windows
              ? Tally.windowMix(micros / 1_000_000, number, one, two)
              : Tally.eventMix(one, number, micros / 1000, two);
      if (score != NO_SCORE) {
        mix += Double.doubleToLongBits(row.getDouble(score)) * (one + 1);
      }
    }

    private static long number(UTF8String text) {
      long number = 0;
      for (int i = 1; i < text.numBytes(); i++) {
        number = number * 10 + text.getByte(i) - '0';
      }
      return number;
    }

    @Override
    public WriterCommitMessage commit() {
      return new Seen(new Tally(rows, sum, mix));
    }

    @Override
    public void abort() {}

    @Override
    public void close() {}
  }
}
