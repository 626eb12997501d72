package io.millrace.sinks.delta;

import io.delta.tables.DeltaTable;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Stored;
import io.millrace.engine.spi.Writing;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Writes each batch as one commit of a Delta table, empty ones too. The commit carries the batch's
 * number, so a batch that comes again changes nothing. In mode complete a commit replaces the rows
 * before it.
 */
public record DeltaSink(Settings settings) implements BatchSink, Ledgered, Stored {
  private static final Set<String> OURS =
      Set.of(
          "mergeschema",
          "overwriteschema",
          "partitionoverwritemode",
          "path",
          "replaceusing",
          "replacewhere",
          "txnappid",
          "txnversion",
          "usermetadata");

  /** What a job says about the table. */
  public record Settings(
      @Doc("The folder of the table. Created if it is not there.") @Shorthand Optional<String> path,
      @Doc("The table's name in the catalog, in place of a path. Created if it is not there.")
          Optional<String> table,
      @Doc("Columns whose values name the folders of a table that is created.")
          List<String> partitionBy,
      @Doc("Other options of Delta's writer.") Map<String, String> options) {
    public Settings {
      if (path.isEmpty() && table.isEmpty()) {
        throw new IllegalArgumentException("Missing path or table. Name one of them");
      }
      if (path.isPresent() && table.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot write to path "
                + path.get()
                + " and table "
                + table.get()
                + " at once. Name one of them");
      }
      for (String option : options.keySet()) {
        if (OURS.contains(option.toLowerCase(Locale.ROOT))) {
          throw new IllegalArgumentException(
              "Cannot set the option "
                  + option
                  + ": the toolkit sets it, or it would break delivery. Leave it out");
        }
      }
    }

    String target() {
      return path.orElseGet(table::orElseThrow);
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    how.onlyAppends("in Delta: this is not supported yet. Use write: append");
    if (how.mode() == Mode.UPDATE) {
      throw new IllegalArgumentException(
          "Cannot write mode update to Delta: this is not supported yet. Use mode: append or mode:"
              + " complete");
    }
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public void write(Batch batch) {
    DeltaTypes.check(batch.rows().schema());
    DeltaCommit.run(settings, batch);
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    return new DeltaLedger(spark, settings).held(who);
  }

  @Override
  public Optional<Dataset<Row>> stored(SparkSession spark, StructType columns) {
    if (settings.path().isPresent()) {
      return settings
          .path()
          .filter(folder -> DeltaTable.isDeltaTable(spark, folder))
          .map(folder -> spark.read().format("delta").load(folder));
    }
    return settings.table().filter(name -> spark.catalog().tableExists(name)).map(spark::table);
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    new DeltaLedger(spark, settings).adopt(who, batch);
  }
}
