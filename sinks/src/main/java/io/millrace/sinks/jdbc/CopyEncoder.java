package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.encode.Field;
import io.millrace.sinks.jdbc.Target.TargetColumn;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Spark's own rows as rows of PostgreSQL's binary COPY. Not for two threads. */
final class CopyEncoder {
  static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

  /** An object of columns that are all NULL. */
  private static final byte[] EMPTY = {'{', '}'};

  private final List<TargetColumn> columns;
  private final CopyFields.Field[] fields;
  private final int[] ordinals;
  private final int extra;
  private final Optional<Marker> marker;

  CopyEncoder(Target target, StructType rows) {
    this.columns = target.columns();
    this.fields =
        columns.stream().map(column -> field(column, rows)).toArray(CopyFields.Field[]::new);
    this.ordinals = columns.stream().mapToInt(TargetColumn::ordinal).toArray();
    this.extra = target.extra();
    this.marker =
        target.changes().deleteWhen().map(text -> Marker.of(text, target.columns(), rows));
  }

  /**
   * What tells the rows that delete.
   *
   * @param unwritten a JSON object of what it reads that the table does not have, if anything
   */
  private record Marker(Condition condition, Optional<Field> unwritten) {
    static Marker of(String text, List<TargetColumn> columns, StructType rows) {
      Condition condition = Condition.of("delete-when", text, rows);
      int[] ordinals =
          IntStream.of(condition.ordinals())
              .filter(at -> columns.stream().noneMatch(column -> column.ordinal() == at))
              .toArray();
      return new Marker(
          condition,
          ordinals.length == 0 ? Optional.empty() : Optional.of(Field.json(rows, ordinals)));
    }
  }

  /**
   * Adds a row.
   *
   * @param number grows with each row of a task; a later row of the same key wins
   * @throws IllegalArgumentException with a sentence, if the table cannot take a value
   */
  void encode(InternalRow row, long number, Bytes out) {
    out.putShort(fields.length + extra);
    for (int at = 0; at < fields.length; at++) {
      if (row.isNullAt(ordinals[at])) {
        out.putInt(-1);
      } else {
        field(at, row, out);
      }
    }
    if (extra > 0) {
      out.putInt(8);
      out.putLong(number);
    }
    if (marker.isPresent()) {
      mark(marker.get(), row, out);
    }
  }

  private static void mark(Marker marker, InternalRow row, Bytes out) {
    out.putInt(1);
    out.put(new byte[] {(byte) (marker.condition().holds(row) ? 1 : 0)});
    byte[] text = marker.unwritten().map(object -> object.bytes(row)).orElse(EMPTY);
    if (text.length == EMPTY.length) {
      out.putInt(-1);
    } else {
      out.putInt(text.length);
      out.put(text);
    }
  }

  private void field(int at, InternalRow row, Bytes out) {
    try {
      fields[at].write(row, ordinals[at], out);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot write the column %s: %s".formatted(columns.get(at).name(), e.getMessage()), e);
    }
  }

  private static CopyFields.Field field(TargetColumn column, StructType rows) {
    DataType type = rows.fields()[column.ordinal()].dataType();
    return CopyFields.of(type, column.type(), column.scale())
        .orElseThrow(() -> Dialect.unsupported(column.name(), type));
  }
}
