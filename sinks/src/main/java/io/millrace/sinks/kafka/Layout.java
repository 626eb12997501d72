package io.millrace.sinks.kafka;

import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.encode.Field;
import io.millrace.sinks.encode.UnfitValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Which column of a row goes where in a record. For one task only: it reuses its buffers. */
final class Layout {
  private final Optional<Field> key;
  private final Field value;
  private final int partition;
  private final Map<String, Field> headers;
  private final Optional<Condition> gone;

  private Layout(
      Optional<Field> key,
      Field value,
      int partition,
      Map<String, Field> headers,
      Optional<Condition> gone) {
    this.key = key;
    this.value = value;
    this.partition = partition;
    this.headers = headers;
    this.gone = gone;
  }

  /**
   * The layout for these columns.
   *
   * @throws IllegalArgumentException with a sentence, if a column is missing or of a type that
   *     cannot go where it should
   */
  static Layout of(KafkaSink.Settings settings, StructType rows) {
    Map<String, Field> headers = new LinkedHashMap<>();
    settings
        .headers()
        .forEach(
            (name, column) ->
                headers.put(name, Field.text(rows, find("headers." + name, column, rows))));
    return new Layout(
        settings.key().map(column -> Field.text(rows, find("key", column, rows))),
        settings
            .value()
            .map(column -> Field.raw(rows, find("value", column, rows)))
            .orElseGet(() -> settings.encoding().field(settings.topic(), rows)),
        settings.partition().map(column -> number(column, rows)).orElse(-1),
        headers,
        settings.deleteWhen().map(text -> Condition.of("delete-when", text, rows)));
  }

  /**
   * Makes sure, before a batch is written, that there is a layout for these columns.
   *
   * @throws IllegalArgumentException with a sentence, as above
   */
  static void prepare(KafkaSink.Settings settings, StructType rows) {
    if (settings.value().isEmpty()) {
      settings.encoding().prepare(settings.topic(), rows);
    }
    Layout unused = of(settings, rows);
  }

  byte @Nullable [] key(InternalRow row) {
    return key.isPresent() ? key.get().bytes(row) : null;
  }

  /** Whether the row deletes its key. */
  boolean deletes(InternalRow row) {
    return gone.isPresent() && gone.get().holds(row);
  }

  /**
   * The value of a row.
   *
   * @throws UnfitValue if the row has one that has no place in it
   */
  byte @Nullable [] value(InternalRow row) {
    return value.bytes(row);
  }

  @Nullable Integer partition(InternalRow row) {
    return partition < 0 || row.isNullAt(partition) ? null : Integer.valueOf(row.getInt(partition));
  }

  void headers(InternalRow row, List<Header> all) {
    headers.forEach((name, field) -> all.add(new RecordHeader(name, field.bytes(row))));
  }

  private static int number(String column, StructType rows) {
    int index = find("partition", column, rows);
    if (!rows.apply(index).dataType().equals(DataTypes.IntegerType)) {
      throw new IllegalArgumentException(
          "Expected an int column for partition, found "
              + column
              + " of type "
              + rows.apply(index).dataType().sql()
              + ". Cast it to int in a sql step");
    }
    return index;
  }

  private static int find(String setting, String column, StructType rows) {
    int index = Arrays.asList(rows.fieldNames()).indexOf(column);
    if (index < 0) {
      throw new IllegalArgumentException(
          "Unknown column "
              + column
              + " in "
              + setting
              + ". The columns are: "
              + String.join(", ", rows.fieldNames()));
    }
    return index;
  }
}
