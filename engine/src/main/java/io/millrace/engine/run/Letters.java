package io.millrace.engine.run;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import io.millrace.engine.spi.Columns;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF0;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.runtime.AbstractFunction0;

/**
 * Tagged rows as the dead letters that their target gets: {@code job, query, batch, time, source,
 * step, rule, reason, coordinates, key, raw, attempt, row}. The time is when the row was refused;
 * coordinates are the source's, as JSON; key and raw value are the bytes that were read; attempt is
 * the try of a task that had the row. Where a sink refused it, row is what the sink was given, as
 * JSON; coordinates, key and raw value are null there if the row is not of one record alone.
 */
final class Letters {
  /** A letter as one column, beside the columns of other rows. */
  static final String LETTER = "_letter";

  /** The columns that a target gets. */
  static final StructType SCHEMA =
      new StructType()
          .add("job", DataTypes.StringType)
          .add("query", DataTypes.StringType)
          .add("batch", DataTypes.LongType)
          .add("time", DataTypes.TimestampType)
          .add("source", DataTypes.StringType)
          .add("step", DataTypes.StringType)
          .add("rule", DataTypes.StringType)
          .add("reason", DataTypes.StringType)
          .add("coordinates", DataTypes.StringType)
          .add("key", DataTypes.BinaryType)
          .add("raw", DataTypes.BinaryType)
          .add("attempt", DataTypes.StringType)
          .add("row", DataTypes.StringType);

  private static final String KEY = "key";

  private final String job;
  private final String query;

  Letters(String job, String query) {
    this.job = job;
    this.query = query;
  }

  /**
   * The rows that one of these nodes tagged.
   *
   * @param source the one that they all come from, if it is one
   */
  Dataset<Row> of(Dataset<Row> rows, List<String> tags, Optional<String> source) {
    return tagged(rows, tags).select(columns(rows, source));
  }

  /** The same with each letter in one column. */
  Dataset<Row> packed(Dataset<Row> rows, List<String> tags, Optional<String> source) {
    return tagged(rows, tags).select(struct(columns(rows, source)).as(LETTER));
  }

  /** The letters among rows that are packed. */
  static Dataset<Row> unpacked(Dataset<Row> rows) {
    return rows.where(col(LETTER).isNotNull()).select(LETTER + ".*");
  }

  private static Dataset<Row> tagged(Dataset<Row> rows, List<String> tags) {
    return rows.where(
        col(Columns.DEAD).isNotNull().and(col(Columns.DEAD).getField("step").isin(tags.toArray())));
  }

  private Column[] columns(Dataset<Row> rows, Optional<String> source) {
    Column dead = col(Columns.DEAD);
    return new Column[] {
      lit(job).as("job"),
      lit(query).as("query"),
      BatchNumber.column().as("batch"),
      now().as("time"),
      coalesce(dead.getField("source"), lit(source.orElse(null))).as("source"),
      dead.getField("step").as("step"),
      dead.getField("rule").as("rule"),
      dead.getField("reason").as("reason"),
      coordinates(rows),
      key(rows),
      raw(rows),
      Catalyst.column(Catalyst.call(new Try(), DataTypes.StringType, List.of())).as("attempt"),
      lit(null).cast("string").as("row")
    };
  }

  /** The time of the task: the clock of a plan is that of its planning. */
  private static Column now() {
    UDF0<Instant> clock = Instant::now;
    return functions.udf(clock, DataTypes.TimestampType).asNondeterministic().apply();
  }

  /** A name for the try of the task. */
  private static final class Try extends AbstractFunction0<Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private transient @Nullable UTF8String id;

    @Override
    public Object apply() {
      UTF8String known = id;
      if (known == null) {
        known = UTF8String.fromString(UUID.randomUUID().toString());
        id = known;
      }
      return known;
    }
  }

  static Column coordinates(Dataset<Row> rows) {
    List<Column> fields = new ArrayList<>();
    for (String field : sourceFields(rows)) {
      if (!field.equals(KEY)) {
        fields.add(col(Columns.SOURCE).getField(field).as(field));
      }
    }
    Column json =
        fields.isEmpty()
            ? lit(null).cast("string")
            : to_json(struct(fields.toArray(Column[]::new)));
    return json.as("coordinates");
  }

  static Column key(Dataset<Row> rows) {
    Column key = sourceFields(rows).contains(KEY) ? col(Columns.SOURCE).getField(KEY) : lit(null);
    return key.cast("binary").as(KEY);
  }

  static Column raw(Dataset<Row> rows) {
    Column raw = Frames.has(rows, Columns.RAW) ? col(Columns.RAW) : lit(null).cast("binary");
    return raw.as("raw");
  }

  private static List<String> sourceFields(Dataset<Row> rows) {
    if (!Frames.has(rows, Columns.SOURCE)) {
      return List.of();
    }
    DataType type = rows.schema().apply(Columns.SOURCE).dataType();
    return Arrays.asList(((StructType) type).fieldNames());
  }
}
