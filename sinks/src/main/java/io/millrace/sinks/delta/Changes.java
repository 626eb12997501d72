package io.millrace.sinks.delta;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows as changes of what their keys stand for: which columns are kept, which of two rows is newer,
 * and which delete.
 *
 * @param columns that are kept, the keys and the order among them
 * @param verb what is done with the rows, for messages
 */
record Changes(
    DeltaSettings settings,
    List<StructField> columns,
    List<String> keys,
    List<String> order,
    String verb) {
  /** Whether a row deletes. */
  static final String GONE = "_gone";

  private static final String NTH = "_nth";

  /**
   * The changes of rows with these columns.
   *
   * @throws IllegalArgumentException with a sentence, if a column is missing or cannot be compared
   */
  static Changes of(DeltaSettings settings, StructType rows, String verb) {
    return new Changes(
        settings,
        List.of(rows.fields()),
        settings.keys().stream().map(name -> ordered(rows, name, "key")).toList(),
        settings.orderBy().stream().map(name -> ordered(rows, name, "order-by")).toList(),
        verb);
  }

  /** The columns that a sink writes of rows. */
  static List<String> written(DeltaSettings settings, StructType rows) {
    return settings.columns().isEmpty()
        ? List.of(rows.fieldNames())
        : settings.columns().stream().map(name -> field(rows, name).name()).toList();
  }

  /** Some of the columns, in the order of their names. */
  static StructType only(StructType rows, List<String> names) {
    return new StructType(
        names.stream().map(name -> field(rows, name)).toArray(StructField[]::new));
  }

  private static String ordered(StructType rows, String name, String use) {
    StructField field = field(rows, name);
    if (!RowOrdering.isOrderable(field.dataType())) {
      throw new IllegalArgumentException(
          "Cannot use column %s of type %s as %s column: its values have no order. Cast it in a sql step, for example to string"
              .formatted(field.name(), field.dataType().sql(), use));
    }
    return field.name();
  }

  static StructField field(StructType rows, String name) {
    return Arrays.stream(rows.fields())
        .filter(field -> field.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Missing column %s in the stream, which has %s"
                        .formatted(name, String.join(", ", rows.fieldNames()))));
  }

  /** A column under its name, whatever that holds. */
  static Column named(String name) {
    return col(quoted(name));
  }

  /** A column of an aliased frame. */
  static Column of(String alias, String name) {
    return col(alias + "." + quoted(name));
  }

  static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  StructType schema() {
    return new StructType(columns.toArray(StructField[]::new));
  }

  List<String> names() {
    return columns.stream().map(StructField::name).toList();
  }

  /** The type of a column that is kept. */
  DataType type(String name) {
    return field(schema(), name).dataType();
  }

  /** The columns that neither identify a row nor place it. */
  List<StructField> others() {
    return columns.stream()
        .filter(field -> !keys.contains(field.name()) && !order.contains(field.name()))
        .toList();
  }

  /**
   * The rows with the columns that are kept, and {@link #GONE}. A row without a key or without its
   * place fails when it is read.
   */
  Dataset<Row> read(Dataset<Row> rows) {
    Column gone =
        settings
            .deleteWhen()
            .map(condition -> coalesce(expr(condition), lit(false)))
            .orElse(lit(false));
    List<Column> read = new ArrayList<>();
    for (StructField field : columns) {
      Column value = named(field.name());
      if (keys.contains(field.name())) {
        value = present(field, "key");
      } else if (order.contains(field.name())) {
        value = present(field, "order-by");
      }
      read.add(value.as(field.name()));
    }
    read.add(gone.as(GONE));
    return rows.select(read.toArray(Column[]::new));
  }

  private Column present(StructField field, String use) {
    String sentence =
        "Cannot %s a row whose %s column %s is NULL. Filter such rows before, or choose other columns"
            .formatted(verb, use, field.name());
    Column value = named(field.name());
    return when(value.isNull(), raise_error(lit(sentence)).cast(field.dataType())).otherwise(value);
  }

  /** Of all rows with the same values in these columns the last one. */
  Dataset<Row> last(Dataset<Row> rows, List<String> of) {
    WindowSpec same = Window.partitionBy(columns(of)).orderBy(place("").desc());
    return one(rows).withColumn(NTH, row_number().over(same)).where(col(NTH).equalTo(1)).drop(NTH);
  }

  /** Without an order, two rows of one key have to be the same row. */
  private Dataset<Row> one(Dataset<Row> rows) {
    if (!order.isEmpty()) {
      return rows;
    }
    WindowSpec same = Window.partitionBy(columns(keys));
    String sentence =
        "Cannot %s two different rows of one key in one batch: nothing says which is newer. Name order-by columns, or group by the keys before"
            .formatted(verb);
    Column differ =
        count(lit(1))
            .over(same)
            .gt(1)
            .and(min(rest("")).over(same).notEqual(max(rest("")).over(same)));
    return rows.withColumn(
        GONE, when(differ, raise_error(lit(sentence)).cast("boolean")).otherwise(col(GONE)));
  }

  /** A value by which of two rows of a key the greater is the newer one. */
  Column place(String alias) {
    Column gone = alias.equals("t") ? lit(false) : in(alias, GONE);
    return struct(
        Stream.of(
                order.stream().map(name -> in(alias, name)),
                Stream.of(gone),
                Stream.of(rest(alias)))
            .flatMap(part -> part)
            .toArray(Column[]::new));
  }

  /** When a row is from, without what else it says. */
  Column time(String alias) {
    return struct(order.stream().map(name -> in(alias, name)).toArray(Column[]::new));
  }

  /** What a row says of its key. */
  Column rest(String alias) {
    return struct(
        Stream.concat(
                Stream.of(lit(0)),
                others().stream()
                    .map(field -> comparable(in(alias, field.name()), field.dataType())))
            .toArray(Column[]::new));
  }

  /** Rows of two frames that have the same key. */
  Column sameKey(String one, String other) {
    return same(keys, one, other);
  }

  /** Rows of two frames that are equal in these columns. */
  static Column same(List<String> names, String one, String other) {
    return names.stream()
        .map(name -> of(one, name).equalTo(of(other, name)))
        .reduce(Column::and)
        .orElseThrow();
  }

  /** For each of these columns of a table its value in an aliased frame. */
  static Map<String, Column> values(List<String> names, String alias) {
    Map<String, Column> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(quoted(name), of(alias, name)));
    return values;
  }

  private static Column in(String alias, String name) {
    return alias.isEmpty() ? named(name) : of(alias, name);
  }

  /** Maps and variants have no order of their own, but a text. */
  private static Column comparable(Column value, DataType type) {
    return RowOrdering.isOrderable(type) ? value : to_json(struct(value.as("v")));
  }

  static Column[] columns(List<String> names) {
    return names.stream().map(Changes::named).toArray(Column[]::new);
  }
}
