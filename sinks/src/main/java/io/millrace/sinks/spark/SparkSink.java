package io.millrace.sinks.spark;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.StreamSink;
import io.millrace.engine.spi.Writing;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.streaming.DataStreamWriter;

/**
 * Writes by any format that Spark knows by name. What a format does with a batch that comes again
 * is its own affair: the toolkit promises at-least-once.
 */
public record SparkSink(Settings settings) implements StreamSink {

  /** What a job says about the format. */
  public record Settings(
      @Doc("The format, as Spark knows it: a short name or a class.") @Shorthand String format,
      @Doc("Options of the format, such as path.") Map<String, String> options) {
    public Settings {
      if (format.isBlank()) {
        throw new IllegalArgumentException("Missing format. Name one that Spark knows: noop, orc");
      }
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    how.onlyAppends("through a Spark format. Use write: append");
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public DataStreamWriter<Row> attach(DataStreamWriter<Row> writer) {
    return writer.format(settings.format()).options(settings.options());
  }

  @Override
  public BatchSink batched() {
    return new Batched(settings);
  }

  /** The same format, one batch at a time. */
  private record Batched(Settings settings) implements BatchSink {
    @Override
    public Guarantee guarantee(Writing how) {
      return new SparkSink(settings).guarantee(how);
    }

    @Override
    public void write(Batch batch) {
      boolean replaces = batch.how().mode() == Mode.COMPLETE;
      batch
          .rows()
          .write()
          .format(settings.format())
          .options(settings.options())
          .mode(replaces ? SaveMode.Overwrite : SaveMode.Append)
          .save();
    }
  }
}
