package io.millrace.sinks.delta;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Mode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;

/** One batch as one commit, fenced by the application's name and the batch's number. */
final class DeltaCommit {
  private DeltaCommit() {}

  static void run(DeltaTarget target, Batch batch) throws NoSuchTableException {
    DeltaSettings settings = target.settings();
    Fit.Fitted fitted =
        Fit.of(target, batch.rows(), Changes.written(settings, batch.rows().schema()));
    Dataset<Row> rows = fitted.rows().select(Changes.columns(fitted.written()));
    boolean replaces = settings.replace() == DeltaSettings.Replace.PARTITIONS;
    if (target.allowed() && (replaces || settings.table().isPresent())) {
      target.create(rows.schema());
    }
    if (replaces) {
      replacePartitions(target, settings, batch, rows);
    } else if (settings.path().isPresent()) {
      writer(settings, batch, rows).save(settings.path().get());
    } else {
      writer(settings, batch, rows).saveAsTable(settings.table().orElseThrow());
    }
  }

  private static void replacePartitions(
      DeltaTarget target, DeltaSettings settings, Batch batch, Dataset<Row> rows)
      throws NoSuchTableException {
    if (target.snapshot().orElseThrow().metadata().partitionColumns().isEmpty()) {
      throw new IllegalArgumentException(
          "Needs partitions to replace: the Delta table %s has none. Write to a new table with partition-by"
              .formatted(settings.target()));
    }
    if (settings.path().isPresent()) {
      writer(settings, batch, rows)
          .mode(SaveMode.Overwrite)
          .option("partitionOverwriteMode", "dynamic")
          .save(settings.path().get());
    } else {
      rows.writeTo(settings.table().orElseThrow())
          .options(options(settings, batch))
          .overwritePartitions();
    }
  }

  private static DataFrameWriter<Row> writer(
      DeltaSettings settings, Batch batch, Dataset<Row> rows) {
    SaveMode mode = batch.how().mode() == Mode.COMPLETE ? SaveMode.Overwrite : SaveMode.Append;
    DataFrameWriter<Row> writer =
        rows.write().format("delta").mode(mode).options(options(settings, batch));
    return settings.partitionBy().isEmpty()
        ? writer
        : writer.partitionBy(settings.partitionBy().toArray(String[]::new));
  }

  private static Map<String, String> options(DeltaSettings settings, Batch batch) {
    Map<String, String> options = new LinkedHashMap<>(settings.options());
    options.put("txnAppId", DeltaLedger.application(batch.who()));
    options.put("txnVersion", Long.toString(batch.id()));
    options.put("userMetadata", DeltaMark.metadata(batch));
    if (settings.schema() == DeltaSettings.Schema.ADD_COLUMNS) {
      options.put("mergeSchema", "true"); // columns within a column
    }
    return options;
  }
}
