package io.millrace.sinks.spark;

import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.UPDATE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.batch;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkSinkTest {
  private final Path folder;

  SparkSinkTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static SparkSink sink(String format, Map<String, String> options) {
    return new SparkSink(new SparkSink.Settings(format, options));
  }

  private Dataset<Row> written() {
    return Sessions.spark().read().parquet(folder.resolve("out").toString());
  }

  private SparkSink parquet() {
    return sink("parquet", Map.of("path", folder.resolve("out").toString()));
  }

  @Test
  void writesAStreamByTheFormatItself() throws Exception {
    sql("select id from range(5)").write().parquet(folder.resolve("in").toString());
    Dataset<Row> stream =
        Sessions.spark().readStream().schema("id long").parquet(folder.resolve("in").toString());
    StreamingQuery running =
        parquet()
            .attach(stream.writeStream())
            .option("checkpointLocation", folder.resolve("checkpoint").toString())
            .trigger(Trigger.AvailableNow())
            .start();
    running.awaitTermination();

    assertThat(written().count()).isEqualTo(5);
  }

  @Test
  void writesOneBatchAtATime() {
    parquet().batched().write(batch(query(), 0, sql("select id from range(2)")));
    parquet().batched().write(batch(query(), 1, sql("select id from range(3)")));
    assertThat(written().count()).isEqualTo(5);

    parquet().batched().write(new Batch(query(), COMPLETE, 2, sql("select id from range(1)")));
    assertThat(written().count()).isEqualTo(1);

    sink("noop", Map.of()).batched().write(batch(query(), 0, sql("select 1")));
  }

  @Test
  void saysWhatItPromisesAndRefuses() {
    assertThat(parquet().guarantee(UPDATE)).isEqualTo(Guarantee.AT_LEAST_ONCE);
    assertThatThrownBy(() -> parquet().batched().guarantee(UPSERT))
        .hasMessage("Cannot upsert through a Spark format. Use write: append");
    assertThatThrownBy(() -> sink(" ", Map.of()))
        .hasMessage("Missing format. Name one that Spark knows: noop, orc");
  }
}
