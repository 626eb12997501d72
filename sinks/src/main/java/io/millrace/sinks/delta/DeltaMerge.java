package io.millrace.sinks.delta;

import static org.apache.spark.sql.functions.not;

import io.delta.exceptions.ConcurrentTransactionException;
import io.millrace.engine.spi.Batch;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One batch as one MERGE, fenced by the application's name and the batch's number. */
final class DeltaMerge {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaMerge.class);
  private static final int TRIES = 5;

  private final DeltaSettings settings;
  private final Batch batch;
  private final DeltaTarget target;

  DeltaMerge(DeltaSettings settings, Batch batch) {
    this.settings = settings;
    this.batch = batch;
    this.target = new DeltaTarget(batch.rows().sparkSession(), settings);
  }

  /** Makes the changes of the batch visible, or nothing where the table has the batch. */
  void run() {
    if (DeltaLedger.has(target, batch)) {
      return;
    }
    Changes changes =
        Changes.of(
            settings, batch.rows().schema(), batch.how().write().name().toLowerCase(Locale.ROOT));
    DeltaTypes.check(changes.schema());
    target.create(changes.schema());
    Dataset<Row> rows = changes.last(changes.read(batch.rows()), changes.keys());
    if (settings.deleteWhen().isEmpty()) {
      merge(changes, rows);
      return;
    }
    Dataset<Row> kept = rows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      DeltaDeletes deletes = new DeltaDeletes(target, changes);
      deletes.add(batch, kept, changes.keys());
      merge(changes, deletes.without(kept));
    } finally {
      kept.unpersist();
    }
  }

  private void merge(Changes changes, Dataset<Row> rows) {
    Map<String, Column> values = new LinkedHashMap<>();
    changes.names().forEach(name -> values.put(Changes.quoted(name), Changes.of("s", name)));
    Column newer =
        changes.order().isEmpty()
            ? not(changes.rest("s").eqNullSafe(changes.rest("t")))
            : changes.place("s").gt(changes.place("t"));
    Column gone = Changes.of("s", Changes.GONE);
    commit(
        () ->
            target
                .table()
                .as("t")
                .merge(rows.as("s"), changes.sameKey("s", "t"))
                .whenMatched(newer.and(gone))
                .delete()
                .whenMatched(newer)
                .update(values)
                .whenNotMatched(not(gone))
                .insert(values)
                .execute());
  }

  /** Another writer of the table may be in the way; another writer of this batch ends the job. */
  private void commit(Runnable merge) {
    for (int left = TRIES - 1; ; left--) {
      try (DeltaMark mark = new DeltaMark(batch, DeltaLedger.application(batch.who()))) {
        merge.run();
        return;
      } catch (ConcurrentTransactionException e) {
        throw new IllegalStateException(
            "Cannot commit batch %d of sink %s: fenced by another driver that wrote it to %s at the same time"
                .formatted(batch.id(), batch.who().sink(), settings.target()),
            e);
      } catch (DeltaConcurrentModificationException e) {
        if (left == 0) {
          throw e;
        }
        LOG.info(
            "Batch {} of sink {} is merged again: another writer changed {} meanwhile",
            batch.id(),
            batch.who().sink(),
            settings.target());
      }
    }
  }
}
