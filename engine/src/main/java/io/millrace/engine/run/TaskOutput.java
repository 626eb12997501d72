package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writers;
import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * What a task does with its rows for one row sink.
 *
 * @param target null where the sink has the batch already, and its rows are only counted
 * @param template the attempt of this batch; each task makes its own id
 */
record TaskOutput(String sink, @Nullable Writers<?> target, Attempt template, RowPath path)
    implements Serializable {

  static TaskOutput of(Plan.Output output, Identity who, long batch, RowPath path) {
    Attempt template = new Attempt(who, output.how(), batch, UUID.randomUUID(), path.output());
    return new TaskOutput(output.name(), (RowSink<?>) output.sink(), template, path);
  }

  /** The same rows, for nobody. */
  TaskOutput counting() {
    return new TaskOutput(sink, null, template, path);
  }

  /** The same rows, for other writers of the sink. */
  TaskOutput by(Writers<?> writers) {
    return new TaskOutput(sink, writers, template, path);
  }

  /** The output at work in one task. */
  Writing open(int partition) {
    Attempt attempt =
        new Attempt(
            template.who(), template.how(), template.batch(), UUID.randomUUID(), template.rows());
    try {
      RowWriter<?> writer = target == null ? new Nowhere() : target.writer(attempt);
      return new Writing(sink, writer, path, partition);
    } catch (RuntimeException e) {
      throw new SinkFailedException(sink, e);
    }
  }

  /** A writer, and the way of a row to it. */
  static final class Writing implements AutoCloseable {
    private final String sink;
    private final Consumer<InternalRow> row;
    private @Nullable RowWriter<?> writer;
    private final int partition;
    private long arrived;
    private long sum;

    Writing(String sink, RowWriter<?> writer, RowPath path, int partition) {
      Digest digest = new Digest(path.output());
      this.sink = sink;
      this.partition = partition;
      this.writer = writer;
      this.row =
          path.open(
              partition,
              output -> {
                arrived++;
                sum += digest.of(output);
                writer.write(output);
                Failpoint.ROW_WRITTEN.reached(sink);
              });
    }

    void write(InternalRow input) {
      try {
        row.accept(input);
      } catch (RuntimeException e) {
        throw new SinkFailedException(sink, e);
      }
    }

    /**
     * Fails unless the rows that came are those that were counted before.
     *
     * @throws IllegalStateException if they are not
     */
    void compare(Counted before) {
      if (arrived != before.rows() || sum != before.digest()) {
        throw new SinkFailedException(
            sink,
            new IllegalStateException(
                "Cannot write rows that are not the same twice: the machine that kept them is gone,"
                    + " and worked out anew they are others. The batch comes again when the job is"
                    + " started again"));
      }
    }

    Delivery finish() {
      RowWriter<?> open = java.util.Objects.requireNonNull(writer, "already finished");
      try {
        Receipt receipt = open.finish();
        Failpoint.TASK_FINISHED.reached(sink);
        open.close();
        writer = null;
        return new Delivery(sink, partition, arrived, sum, receipt);
      } catch (RuntimeException e) {
        throw new SinkFailedException(sink, e);
      }
    }

    @Override
    public void close() {
      if (writer != null) {
        writer.close();
        writer = null;
      }
    }
  }

  /** Takes rows and leaves them. */
  private static final class Nowhere implements RowWriter<Receipt> {
    @Override
    public void write(InternalRow row) {}

    @Override
    public Receipt finish() {
      return new Nothing();
    }

    @Override
    public void close() {}
  }

  private record Nothing() implements Receipt {
    @Override
    public long rows() {
      return 0;
    }
  }

  /** Rows, and the digest of them. */
  record Counted(long rows, long digest) implements Serializable {
    static Counted of(List<Delivery> deliveries) {
      return new Counted(
          deliveries.stream().mapToLong(Delivery::arrived).sum(),
          deliveries.stream().mapToLong(Delivery::digest).sum());
    }
  }

  /**
   * A task's receipt for one sink.
   *
   * @param partition what the task read
   * @param arrived rows that came to its writer
   * @param digest of these rows
   */
  record Delivery(String sink, int partition, long arrived, long digest, Receipt receipt)
      implements Serializable {}
}
