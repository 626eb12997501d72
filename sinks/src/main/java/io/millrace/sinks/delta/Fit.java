package io.millrace.sinks.delta;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.types.AtomicType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows as a table takes them: each column in the type that the table has for it.
 *
 * @param policy what happens to columns and values that the table does not take
 * @param table the columns of the table; empty if there is no table yet
 * @param name of the table, for messages
 */
record Fit(DeltaSettings.Schema policy, Optional<StructType> table, String name) {
  /** What a table could not take of a row, as a JSON object of column and value. */
  static final String RESCUED = "_rescued";

  /**
   * Rows that fit.
   *
   * @param rows with the columns that they had, and more
   * @param written the names of those that go to the table
   */
  record Fitted(Dataset<Row> rows, List<String> written) {}

  /** The rows as the table takes them. Adds columns to the table where that is asked for. */
  static Fitted of(DeltaTarget target, Dataset<Row> rows, List<String> written) {
    StructType missing = of(target).missing(Changes.only(rows.schema(), written));
    if (!missing.isEmpty()) {
      target.add(missing);
    }
    Fit fit = of(target);
    return new Fitted(fit.apply(rows, written), fit.names(written));
  }

  static Fit of(DeltaTarget target) {
    return new Fit(
        target.settings().schema(),
        target.snapshot().map(snapshot -> snapshot.schema()),
        target.settings().target());
  }

  /**
   * The columns that the table lacks, where they are to be added.
   *
   * @throws IllegalArgumentException with a sentence, if rows with these columns cannot be written
   */
  StructType missing(StructType rows) {
    if (!rescues()) {
      DeltaTypes.check(rows);
    }
    List<StructField> missing =
        Arrays.stream(rows.fields()).filter(field -> there(field.name()).isEmpty()).toList();
    if (table.isEmpty()) {
      return new StructType();
    }
    if (policy == DeltaSettings.Schema.RESCUE) {
      return there(RESCUED).isPresent()
          ? new StructType()
          : new StructType().add(RESCUED, "string");
    }
    if (policy == DeltaSettings.Schema.FAIL && !missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot write column %s: the Delta table %s has no such column, it has %s. Leave it out, or use schema: add-columns or schema: rescue"
              .formatted(missing.get(0).name(), name, String.join(", ", table.get().fieldNames())));
    }
    for (StructField field : rows.fields()) {
      there(field.name()).ifPresent(column -> check(field, column));
    }
    return new StructType(missing.toArray(StructField[]::new));
  }

  private void check(StructField field, StructField column) {
    if (!widens(field.dataType(), column.dataType())) {
      throw new IllegalArgumentException(
          "Cannot write column %s of type %s: the Delta table %s has it as %s. Cast it in a sql step, or use schema: rescue"
              .formatted(field.name(), field.dataType().sql(), name, column.dataType().sql()));
    }
  }

  private Optional<StructField> there(String column) {
    return table.stream()
        .flatMap(columns -> Arrays.stream(columns.fields()))
        .filter(field -> field.name().equalsIgnoreCase(column))
        .findFirst();
  }

  /** The columns that rows have once they fit. */
  private List<String> names(List<String> written) {
    if (policy != DeltaSettings.Schema.RESCUE) {
      return written;
    }
    List<String> names =
        new ArrayList<>(
            written.stream().filter(name -> table.isEmpty() || there(name).isPresent()).toList());
    names.add(RESCUED);
    return names;
  }

  /**
   * The rows with some columns in the types of the table, and all others as they are.
   *
   * @param written the columns that go to the table
   */
  private Dataset<Row> apply(Dataset<Row> rows, List<String> written) {
    List<Column> columns = new ArrayList<>();
    List<Column> rescued = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      String name = field.name();
      Column value = Changes.named(name);
      Optional<StructField> column = there(name);
      if (!written.contains(name) || (column.isEmpty() && !rescues())) {
        columns.add(value);
      } else if (column.isEmpty()) {
        columns.add(value);
        rescued.add(value.as(name));
      } else if (same(field.dataType(), column.get().dataType())) {
        columns.add(value);
      } else if (rescues()) {
        Column cast = cast(value, field.dataType(), column.get().dataType());
        columns.add(cast.as(name));
        rescued.add(
            when(not(kept(value, cast, field.dataType(), column.get().dataType())), value)
                .as(name));
      } else if (field.dataType() instanceof AtomicType) {
        columns.add(value.cast(column.get().dataType()).as(name));
      } else {
        columns.add(value);
      }
    }
    if (policy == DeltaSettings.Schema.RESCUE) {
      columns.add(json(rescued).as(RESCUED));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  private boolean rescues() {
    return policy == DeltaSettings.Schema.RESCUE && table.isPresent();
  }

  private static Column json(List<Column> rescued) {
    if (rescued.isEmpty()) {
      return lit(null).cast("string");
    }
    Column text = to_json(struct(rescued.toArray(Column[]::new)));
    return when(text.notEqual("{}"), text);
  }

  /** A value in another type; null where it would be another value there. */
  private static Column cast(Column value, DataType from, DataType to) {
    if (!castable(from, to)) {
      return lit(null).cast(to);
    }
    Column cast = value.try_cast(to);
    return from instanceof StringType ? cast : when(cast.try_cast(from).eqNullSafe(value), cast);
  }

  /**
   * Whether nothing of a value is lost; a text is kept where its value would be written otherwise.
   */
  private static Column kept(Column value, Column cast, DataType from, DataType to) {
    return castable(from, to) ? cast.try_cast(from).eqNullSafe(value) : value.isNull();
  }

  /** There and back. */
  private static boolean castable(DataType from, DataType to) {
    return from instanceof AtomicType
        && to instanceof AtomicType
        && Cast.canTryCast(from, to)
        && Cast.canTryCast(to, from);
  }

  private static boolean same(DataType from, DataType to) {
    return from.asNullable().equals(to.asNullable());
  }

  /** Delta itself judges columns within a column. */
  private static boolean widens(DataType from, DataType to) {
    return same(from, to)
        || Cast.canUpCast(from, to)
        || (from.typeName().equals(to.typeName()) && !(from instanceof AtomicType));
  }
}
