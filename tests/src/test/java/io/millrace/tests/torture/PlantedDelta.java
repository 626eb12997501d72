package io.millrace.tests.torture;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;

/** A sink to a Delta table with a bug of our choice in it. */
record PlantedDelta(Settings settings) implements BatchSink {
  /** What is wrong with it. */
  enum Bug {
    /** A batch becomes visible in two steps. */
    TWO_COMMITS,
    /** The number of the batch is left in the session, where it silences the next write. */
    LEFTOVER_SETTINGS
  }

  /** Where it writes. */
  record Settings(String path, Bug bug) implements Serializable {}

  /** The kind {@code planted-delta}. */
  static final class Kinds implements Plugin {
    @Override
    public List<Kind<?, Sink>> sinks() {
      return List.of(
          new Kind<>(
              "planted-delta", "Rows into a table, wrongly.", Settings.class, PlantedDelta::new));
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public void write(Batch batch) {
    switch (settings.bug()) {
      case TWO_COMMITS -> {
        append(batch, batch.rows().where("pos % 2 = 0"), "even");
        append(batch, batch.rows().where("pos % 2 = 1"), "odd");
      }
      case LEFTOVER_SETTINGS -> {
        RuntimeConfig session = batch.rows().sparkSession().conf();
        session.set("spark.databricks.delta.write.txnAppId", "planted");
        session.set("spark.databricks.delta.write.txnVersion", Long.toString(batch.id()));
        append(batch, batch.rows().where("pos % 2 = 0"), "");
        append(batch, batch.rows().where("pos % 2 = 1"), "");
      }
    }
  }

  /** Adds rows once per name; always, where there is none. */
  private void append(Batch batch, Dataset<Row> rows, String name) {
    DataFrameWriter<Row> writer =
        rows.write()
            .format("delta")
            .mode("append")
            .option("userMetadata", "query=%s batch=%d".formatted(batch.who().query(), batch.id()));
    if (!name.isEmpty()) {
      writer = writer.option("txnAppId", name).option("txnVersion", batch.id());
    }
    writer.save(settings.path());
  }
}
