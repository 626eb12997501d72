package io.millrace.sinks.delta;

import io.delta.tables.DeltaTable;
import io.millrace.engine.spi.Archive;
import io.millrace.engine.spi.Archived;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Stored;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Writes each batch as one commit of a Delta table, empty ones too: rows are added, or merged by
 * their keys. The commit carries the batch's number, so a batch that comes again changes nothing.
 * In mode complete a commit that appends replaces the rows before it.
 */
public record DeltaSink(DeltaSettings settings) implements BatchSink, Ledgered, Stored, Archived {

  @Override
  public Order order(Writing how) {
    if (!settings.orderBy().isEmpty()) {
      return new Order.ByColumns(settings.orderBy());
    }
    return how.write() == Write.APPEND
        ? new Order.Lost(
            "a table has no order; with write: upsert and order-by the newest row of a key wins")
        : new Order.Kept();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    switch (how.write()) {
      case APPEND -> appends(how);
      case UPSERT, MERGE -> merges(how);
      case DELETE ->
          throw new IllegalArgumentException(
              "Cannot delete in Delta: this is not supported yet. Use write: merge with"
                  + " delete-when");
    }
    return Guarantee.EXACTLY_ONCE;
  }

  private void appends(Writing how) {
    if (how.mode() == Mode.UPDATE) {
      throw new IllegalArgumentException(
          "Cannot append in output mode update: each change of a result would become a row of its"
              + " own. Use write: upsert with keys");
    }
    Map<String, Boolean> unused = new LinkedHashMap<>();
    unused.put("keys", !settings.keys().isEmpty());
    unused.put("order-by", !settings.orderBy().isEmpty());
    unused.put("delete-when", settings.deleteWhen().isPresent());
    unused.put("history", settings.history().isPresent());
    unused.forEach(
        (setting, there) -> {
          if (there) {
            throw new IllegalArgumentException(
                "Cannot use %s to append: rows are added as they come. Use write: upsert or write: merge"
                    .formatted(setting));
          }
        });
    if (how.mode() == Mode.COMPLETE && settings.replace() == DeltaSettings.Replace.PARTITIONS) {
      throw new IllegalArgumentException(
          "Cannot replace partitions in mode complete: it replaces the whole table. Leave replace"
              + " out");
    }
  }

  private void merges(Writing how) {
    String verb = how.write().verb();
    if (settings.keys().isEmpty()) {
      throw new IllegalArgumentException(
          "Missing keys for %s. Name the columns that identify a row, for example keys: [id]"
              .formatted(verb));
    }
    if (settings.orderBy().isEmpty() && (how.write() == Write.MERGE || how.mode() == Mode.APPEND)) {
      throw new IllegalArgumentException(
          "Missing order-by for %s. Name the columns that tell which of two rows of a key is newer, for example order-by: [updated_at]"
              .formatted(verb));
    }
    if (settings.deleteWhen().isPresent() && how.write() == Write.UPSERT) {
      throw new IllegalArgumentException(
          "Cannot use delete-when to upsert: rows are only inserted and replaced. Use write:"
              + " merge");
    }
    if (settings.history().isPresent() && how.write() == Write.UPSERT) {
      throw new IllegalArgumentException(
          "Cannot keep a history by upsert: it replaces rows. Use write: merge");
    }
    if (settings.replace() == DeltaSettings.Replace.PARTITIONS) {
      throw new IllegalArgumentException(
          "Cannot use replace to %s: rows are replaced by their keys. Use write: append"
              .formatted(verb));
    }
    if (!settings.options().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot use options to %s: they are those of the writer that appends. Leave them out"
              .formatted(verb));
    }
  }

  @Override
  public void check(SparkSession spark, Writing how, StructType rows) {
    DeltaTarget target = new DeltaTarget(spark, settings);
    if (!target.allowed()) {
      DeltaLedger.checkRetention(target);
    }
    StructType written = Changes.only(rows, Changes.written(settings, rows));
    Fit.of(target).missing(written);
    if (how.write() != Write.APPEND) {
      Changes changes = Changes.of(settings, written, how.write().verb());
      settings.history().ifPresent(history -> new DeltaHistory(history, changes));
    }
  }

  @Override
  public void write(Batch batch) {
    DeltaTarget target = new DeltaTarget(batch.rows().sparkSession(), settings);
    try {
      if (DeltaLedger.has(target, batch)) {
        return;
      }
      if (batch.how().write() == Write.APPEND) {
        DeltaCommit.run(target, batch);
      } else {
        new DeltaMerge(target, batch).run();
      }
      Failpoint.COMMITTED.reached(batch.who().sink());
      settings.upkeep().ifPresent(schedule -> new Upkeep(schedule).after(batch, target));
    } catch (Exception e) {
      throw DeltaFault.explained(settings, e);
    }
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    return new DeltaLedger(new DeltaTarget(spark, settings)).held(who);
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
  public Archive archive(Supplier<SparkSession> spark) {
    return new Archive.Folder(
        settings.path().orElseGet(() -> new DeltaTarget(spark.get(), settings).folder()));
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    new DeltaLedger(new DeltaTarget(spark, settings)).adopt(who, batch);
  }
}
