package io.millrace.sinks.delta;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The versions of each key in the order of time. A batch is put among what the table and its
 * deletes have of the same keys, and the versions are worked out anew; only those that differ from
 * the table's are written. So they are the same in whichever order and batches the changes came.
 */
final class DeltaHistory {
  private static final String AT = "_at";

  private static final String DO = "_do";
  private static final String INSERT = "insert";
  private static final String UPDATE = "update";
  private static final String DELETE = "delete";
  private static final String TO = "_to";

  private static final String STORED = "_stored";
  private static final String OLD_TO = "_old_to";
  private static final String WAS = "_was";
  private static final String SAME = "_same";
  private static final String NTH = "_nth";

  private final DeltaSettings.History history;
  private final Changes changes;
  private final String order;
  private final DataType time;

  DeltaHistory(DeltaSettings.History history, Changes changes) {
    this.history = history;
    this.changes = changes;
    this.order = changes.order().get(0);
    this.time = changes.type(order);
    for (String name : List.of(history.from(), history.to(), history.current())) {
      if (changes.names().stream().anyMatch(name::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "Cannot keep the validity of a version in column %s: the rows have one of that name. Choose another name in history"
                .formatted(name));
      }
    }
  }

  /** The columns of the table: those of the rows, and the validity. */
  StructType schema() {
    return changes
        .schema()
        .add(history.from(), time)
        .add(history.to(), time)
        .add(history.current(), "boolean");
  }

  /**
   * A MERGE of all versions that are not in the table as they should be.
   *
   * @param rows changes, one for each key and time
   * @param deletes those that are known, of any key
   */
  DeltaMergeBuilder merge(DeltaTable table, Dataset<Row> rows, Optional<Dataset<Row>> deletes) {
    Map<String, Column> values = Changes.values(changes.names(), "s");
    values.put(Changes.quoted(history.from()), Changes.of("s", AT));
    values.put(Changes.quoted(history.to()), Changes.of("s", TO));
    values.put(Changes.quoted(history.current()), Changes.of("s", TO).isNull());
    Column version =
        changes.sameKey("s", "t").and(Changes.of("t", history.from()).equalTo(Changes.of("s", AT)));
    return table
        .as("t")
        .merge(differences(rows, table.toDF(), deletes).as("s"), version)
        .whenMatched(Changes.of("s", DO).equalTo(DELETE))
        .delete()
        .whenMatched()
        .update(values)
        .whenNotMatched(Changes.of("s", DO).equalTo(INSERT))
        .insert(values);
  }

  private Dataset<Row> differences(
      Dataset<Row> rows, Dataset<Row> table, Optional<Dataset<Row>> deletes) {
    Dataset<Row> events =
        rows.withColumn(AT, Changes.named(order))
            .withColumn(STORED, lit(false))
            .withColumn(OLD_TO, lit(null).cast(time))
            .unionByName(stored(touched(table, rows)));
    if (deletes.isPresent()) {
      events = events.unionByName(deleted(touched(deletes.get(), rows)));
    }
    return changed(versions(one(events)));
  }

  /** The rows of another frame that have a key of these. */
  private Dataset<Row> touched(Dataset<Row> all, Dataset<Row> rows) {
    return all.as("t").join(rows.as("s"), changes.sameKey("t", "s"), "left_semi");
  }

  private Dataset<Row> stored(Dataset<Row> table) {
    List<Column> columns = new ArrayList<>();
    changes.names().forEach(name -> columns.add(Changes.named(name)));
    columns.add(lit(false).as(Changes.GONE));
    columns.add(Changes.named(history.from()).as(AT));
    columns.add(lit(true).as(STORED));
    columns.add(Changes.named(history.to()).as(OLD_TO));
    return table.select(columns.toArray(Column[]::new));
  }

  private Dataset<Row> deleted(Dataset<Row> deletes) {
    List<Column> columns = new ArrayList<>();
    for (String name : changes.names()) {
      boolean known = changes.keys().contains(name) || name.equals(order);
      Column value = known ? Changes.named(name) : lit(null).cast(changes.type(name));
      columns.add(value.as(name));
    }
    columns.add(lit(true).as(Changes.GONE));
    columns.add(Changes.named(order).as(AT));
    columns.add(lit(false).as(STORED));
    columns.add(lit(null).cast(time).as(OLD_TO));
    return deletes.select(columns.toArray(Column[]::new));
  }

  /** One event for each key and time; {@link #WAS} says whether the table has a version of then. */
  private Dataset<Row> one(Dataset<Row> events) {
    WindowSpec moment = Window.partitionBy(moment());
    WindowSpec newest = moment.orderBy(changes.place("").desc(), col(STORED).desc());
    return events
        .withColumn(WAS, max(STORED).over(moment))
        .withColumn(OLD_TO, max(OLD_TO).over(moment))
        .withColumn(NTH, row_number().over(newest))
        .where(col(NTH).equalTo(1))
        .drop(NTH);
  }

  private Column[] moment() {
    List<String> names = new ArrayList<>(changes.keys());
    names.add(AT);
    return Changes.columns(names);
  }

  /** Each version ends where the next change begins; a change that says nothing new is none. */
  private Dataset<Row> versions(Dataset<Row> events) {
    WindowSpec inTime = Window.partitionBy(Changes.columns(changes.keys())).orderBy(col(AT));
    WindowSpec later =
        Window.partitionBy(Changes.columns(changes.keys()))
            .orderBy(col(AT).desc())
            .rowsBetween(Window.unboundedPreceding(), -1);
    Column same =
        history.unchanged() == DeltaSettings.Unchanged.KEEP
            ? lit(false)
            : not(col(Changes.GONE))
                .and(coalesce(not(lag(col(Changes.GONE), 1).over(inTime)), lit(false)))
                .and(changes.rest("").eqNullSafe(lag(changes.rest(""), 1).over(inTime)));
    return events
        .withColumn(SAME, same)
        .withColumn(TO, min(when(not(col(SAME)), col(AT))).over(later));
  }

  private static Dataset<Row> changed(Dataset<Row> versions) {
    Column live = not(col(SAME)).and(not(col(Changes.GONE)));
    Column asStored = col(STORED).and(col(TO).eqNullSafe(col(OLD_TO)));
    Column action =
        when(col(WAS).and(not(live)), DELETE)
            .when(not(col(WAS)).and(live), INSERT)
            .when(live.and(not(asStored)), UPDATE);
    return versions.withColumn(DO, action).where(col(DO).isNotNull());
  }
}
