package io.millrace.sinks.delta;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import io.delta.tables.DeltaTable;
import io.millrace.engine.spi.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.StructType;

/**
 * What was deleted and when, in a table of its own within the folder of the table: without it, a
 * row that is older than a delete but comes later would rise again. It is written before the table;
 * the same delete twice changes nothing, so a crash between the two does no harm.
 */
final class DeltaDeletes {
  private static final String FOLDER = "_millrace_deletes";

  private final DeltaTarget target;
  private final Changes changes;
  private final String path;

  DeltaDeletes(DeltaTarget target, Changes changes) {
    this.target = target;
    this.changes = changes;
    this.path = path(target);
  }

  /** The table of the deletes, if there was one yet. */
  static Optional<DeltaTable> table(DeltaTarget target) {
    String path = path(target);
    org.apache.spark.sql.classic.SparkSession session =
        (org.apache.spark.sql.classic.SparkSession) target.spark();
    return DeltaLog.forTable(session, path).tableExists()
        ? Optional.of(DeltaTable.forPath(session, path))
        : Optional.empty();
  }

  private static String path(DeltaTarget target) {
    return target.log().orElseThrow().dataPath() + "/" + FOLDER;
  }

  /** All deletes that are known; empty if there was none yet. */
  Optional<Dataset<Row>> known() {
    return table(target).map(DeltaTable::toDF);
  }

  /**
   * Adds the deletes among changes.
   *
   * @param one the columns of which the table keeps one row for each combination
   */
  void add(Batch batch, Dataset<Row> rows, List<String> one) {
    List<String> names = new ArrayList<>(changes.keys());
    changes.order().stream().filter(name -> !names.contains(name)).forEach(names::add);
    Dataset<Row> gone = rows.where(col(Changes.GONE)).select(Changes.columns(names));
    if (gone.isEmpty()) {
      return;
    }
    create(names);
    Map<String, Column> values = Changes.values(names, "s");
    DeltaMerge.commit(
        batch,
        DeltaLedger.application(batch.who()) + "/deletes",
        path,
        () ->
            DeltaTable.forPath(target.spark(), path)
                .as("t")
                .merge(gone.as("s"), Changes.same(one, "t", "s"))
                .whenMatched(changes.time("s").gt(changes.time("t")))
                .update(values)
                .whenNotMatched()
                .insert(values)
                .execute());
  }

  /** The changes without those that an older batch has deleted since. */
  Dataset<Row> without(Dataset<Row> rows) {
    return known()
        .map(
            known ->
                rows.as("s")
                    .join(
                        known.as("d"),
                        changes
                            .sameKey("s", "d")
                            .and(not(Changes.of("s", Changes.GONE)))
                            .and(changes.time("d").geq(changes.time("s"))),
                        "left_anti"))
        .orElse(rows);
  }

  private void create(List<String> names) {
    StructType columns = new StructType();
    for (String name : names) {
      columns = columns.add(name, changes.type(name));
    }
    DeltaTable.createIfNotExists(target.spark()).location(path).addColumns(columns).execute();
  }
}
