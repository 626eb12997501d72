package io.millrace.tests.bench;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.jdbc.JdbcSettings;
import io.millrace.sinks.jdbc.LedgerlessJdbc;
import io.millrace.sinks.kafka.KafkaSink;
import io.millrace.sinks.kafka.LedgerlessKafka;
import java.util.List;
import org.apache.spark.sql.SaveMode;

/** Sinks that write as ours do and remember no batch: what a ledger costs is the difference. */
final class Ledgerless implements Plugin {
  @Override
  public List<Kind<?, Sink>> sinks() {
    return List.of(
        new Kind<>(
            "ledgerless-jdbc",
            "A COPY per batch, without a ledger.",
            JdbcSettings.class,
            LedgerlessJdbc::new),
        new Kind<>(
            "ledgerless-kafka",
            "A transaction per batch, without a mark.",
            KafkaSink.Settings.class,
            LedgerlessKafka::new),
        new Kind<>(
            "ledgerless-delta",
            "A commit per batch, without a number.",
            Folder.class,
            PlainDelta::new));
  }

  /** Where a table is. */
  record Folder(String path) implements java.io.Serializable {}

  private record PlainDelta(Folder settings) implements BatchSink {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public void write(Batch batch) {
      batch.rows().write().format("delta").mode(SaveMode.Append).save(settings.path());
    }
  }
}
