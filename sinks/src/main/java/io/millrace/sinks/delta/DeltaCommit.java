package io.millrace.sinks.delta;

import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;

/** One batch as one commit, fenced by the application's name and the batch's number. */
final class DeltaCommit {
  private DeltaCommit() {}

  static void run(DeltaSink.Settings settings, Batch batch) {
    try {
      settings.table().ifPresent(table -> create(table, settings, batch));
      DataFrameWriter<Row> writer = writer(settings, batch);
      if (settings.path().isPresent()) {
        writer.save(settings.path().get());
      } else {
        writer.saveAsTable(settings.table().orElseThrow());
      }
    } catch (Exception e) {
      throw explained(settings, e);
    }
  }

  private static DataFrameWriter<Row> writer(DeltaSink.Settings settings, Batch batch) {
    SaveMode mode = batch.how().mode() == Mode.COMPLETE ? SaveMode.Overwrite : SaveMode.Append;
    DataFrameWriter<Row> writer =
        batch
            .rows()
            .write()
            .format("delta")
            .mode(mode)
            .options(settings.options())
            .option("txnAppId", DeltaLedger.application(batch.who()))
            .option("txnVersion", batch.id())
            .option("userMetadata", metadata(batch));
    return settings.partitionBy().isEmpty()
        ? writer
        : writer.partitionBy(settings.partitionBy().toArray(String[]::new));
  }

  /** A table of the catalog is created in a commit of its own: creation carries no batch. */
  private static void create(String table, DeltaSink.Settings settings, Batch batch) {
    DeltaTableBuilder builder =
        DeltaTable.createIfNotExists(batch.rows().sparkSession())
            .tableName(table)
            .addColumns(batch.rows().schema().asNullable());
    if (!settings.partitionBy().isEmpty()) {
      builder.partitionedBy(settings.partitionBy().toArray(String[]::new));
    }
    builder.execute();
  }

  private static String metadata(Batch batch) {
    Identity who = batch.who();
    return "millrace job=%s sink=%s query=%s batch=%d"
        .formatted(who.job(), who.sink(), who.query(), batch.id());
  }

  private static RuntimeException explained(DeltaSink.Settings settings, Exception e) {
    if (e instanceof AnalysisException analysis && changesColumns(analysis)) {
      return new IllegalStateException(
          "Cannot write other columns or types than the Delta table "
              + settings.target()
              + " has: changing a table is not supported yet. Select its columns in a sql step, or"
              + " write to a new table. Delta says: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    }
    return e instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(
            "Cannot write to the Delta table " + settings.target() + ": " + e.getMessage(), e);
  }

  private static boolean changesColumns(AnalysisException e) {
    String condition = String.valueOf(e.getCondition());
    return condition.contains("METADATA_MISMATCH")
        || condition.contains("SCHEMA_MISMATCH")
        || condition.contains("FAILED_TO_MERGE_FIELDS")
        || condition.contains("INCOMPATIBLE_DATA_FOR_TABLE")
        || condition.contains("INSERT_COLUMN_ARITY_MISMATCH")
        || String.valueOf(e.getMessage()).contains("schema mismatch");
  }
}
