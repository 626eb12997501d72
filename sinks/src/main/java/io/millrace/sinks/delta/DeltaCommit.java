package io.millrace.sinks.delta;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Mode;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;

/** One batch as one commit, fenced by the application's name and the batch's number. */
final class DeltaCommit {
  private DeltaCommit() {}

  static void run(DeltaSettings settings, Batch batch) {
    DeltaTarget target = new DeltaTarget(batch.rows().sparkSession(), settings);
    Dataset<Row> rows = rows(settings, batch);
    DeltaTypes.check(rows.schema());
    if (target.allowed() && settings.table().isPresent()) {
      target.create(rows.schema());
    }
    DataFrameWriter<Row> writer = writer(settings, batch, rows);
    if (settings.path().isPresent()) {
      writer.save(settings.path().get());
    } else {
      writer.saveAsTable(settings.table().orElseThrow());
    }
  }

  private static Dataset<Row> rows(DeltaSettings settings, Batch batch) {
    return settings.columns().isEmpty()
        ? batch.rows()
        : batch.rows().select(Changes.columns(settings.columns()));
  }

  private static DataFrameWriter<Row> writer(
      DeltaSettings settings, Batch batch, Dataset<Row> rows) {
    SaveMode mode = batch.how().mode() == Mode.COMPLETE ? SaveMode.Overwrite : SaveMode.Append;
    DataFrameWriter<Row> writer =
        rows.write()
            .format("delta")
            .mode(mode)
            .options(settings.options())
            .option("txnAppId", DeltaLedger.application(batch.who()))
            .option("txnVersion", batch.id())
            .option("userMetadata", DeltaMark.metadata(batch));
    return settings.partitionBy().isEmpty()
        ? writer
        : writer.partitionBy(settings.partitionBy().toArray(String[]::new));
  }
}
