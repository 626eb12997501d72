package io.millrace.sinks.delta;

import static org.apache.spark.sql.functions.not;

import io.delta.exceptions.ConcurrentTransactionException;
import io.delta.tables.DeltaMergeBuilder;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  DeltaMerge(DeltaTarget target, Batch batch) {
    this.settings = target.settings();
    this.batch = batch;
    this.target = target;
  }

  /** Makes the changes of the batch visible. */
  void run() {
    Fit.Fitted fitted =
        Fit.of(target, batch.rows(), Changes.written(settings, batch.rows().schema()));
    Changes changes =
        Changes.of(
            settings,
            Changes.only(fitted.rows().schema(), fitted.written()),
            batch.how().write().verb());
    if (batch.how().write() == Write.UPSERT) {
      target.create(changes.schema());
      Dataset<Row> rows = changes.last(changes.read(fitted.rows()), changes.keys());
      commit(() -> newest(changes, rows).execute());
    } else {
      merge(changes, fitted.rows());
    }
  }

  /** The deletes are added first, for a table that has the batch has its deletes too. */
  private void merge(Changes changes, Dataset<Row> read) {
    Optional<DeltaHistory> history =
        settings.history().map(versions -> new DeltaHistory(versions, changes));
    target.create(history.map(DeltaHistory::schema).orElseGet(changes::schema));
    List<String> one = new ArrayList<>(changes.keys());
    history.ifPresent(versions -> one.addAll(changes.order()));
    Dataset<Row> rows =
        changes.last(changes.read(read), one).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      DeltaDeletes deletes = new DeltaDeletes(target, changes);
      if (settings.deleteWhen().isPresent()) {
        deletes.add(batch, rows, one);
      }
      commit(
          () ->
              history
                  .map(versions -> versions.merge(target.table(), rows, deletes.known()))
                  .orElseGet(() -> newest(changes, deletes.without(rows)))
                  .execute());
    } finally {
      rows.unpersist();
    }
  }

  private DeltaMergeBuilder newest(Changes changes, Dataset<Row> rows) {
    Map<String, Column> values = Changes.values(changes.names(), "s");
    Column newer =
        changes.order().isEmpty()
            ? not(changes.rest("s").eqNullSafe(changes.rest("t")))
            : changes.place("s").gt(changes.place("t"));
    Column gone = Changes.of("s", Changes.GONE);
    return target
        .table()
        .as("t")
        .merge(rows.as("s"), changes.sameKey("s", "t"))
        .whenMatched(newer.and(gone))
        .delete()
        .whenMatched(newer)
        .update(values)
        .whenNotMatched(not(gone))
        .insert(values);
  }

  private void commit(Runnable merge) {
    commit(batch, DeltaLedger.application(batch.who()), settings.target(), merge);
  }

  /**
   * Runs a MERGE that carries a batch, again where another writer of the table was in the way. A
   * second writer of the batch ends the job.
   */
  static void commit(Batch batch, String application, String table, Runnable merge) {
    for (int left = TRIES - 1; ; left--) {
      try (DeltaMark mark = new DeltaMark(batch, application)) {
        merge.run();
        return;
      } catch (ConcurrentTransactionException e) {
        throw new IllegalStateException(
            "Cannot commit batch %d of sink %s: fenced by another driver that wrote it to %s at the same time"
                .formatted(batch.id(), batch.who().sink(), table),
            e);
      } catch (DeltaConcurrentModificationException e) {
        if (left == 0) {
          throw e;
        }
        LOG.info(
            "Batch {} of sink {} is merged again: another writer changed {} meanwhile",
            batch.id(),
            batch.who().sink(),
            table);
      }
    }
  }
}
