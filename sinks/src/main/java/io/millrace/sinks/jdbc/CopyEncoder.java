package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.jdbc.Target.TargetColumn;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Spark's own rows as rows of PostgreSQL's binary COPY. Not for two threads. */
final class CopyEncoder {
  static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

  private final List<TargetColumn> columns;
  private final CopyFields.Field[] fields;
  private final int[] ordinals;
  private final boolean counts;

  CopyEncoder(Target target, StructType rows) {
    this.columns = target.columns();
    this.fields =
        columns.stream().map(column -> field(column, rows)).toArray(CopyFields.Field[]::new);
    this.ordinals = columns.stream().mapToInt(TargetColumn::ordinal).toArray();
    this.counts = !target.keys().isEmpty();
  }

  /**
   * Adds a row.
   *
   * @param number grows with each row of a task; a later row of the same key wins
   * @throws IllegalArgumentException with a sentence, if the table cannot take a value
   */
  void encode(InternalRow row, long number, Bytes out) {
    out.putShort(fields.length + (counts ? 1 : 0));
    for (int at = 0; at < fields.length; at++) {
      if (row.isNullAt(ordinals[at])) {
        out.putInt(-1);
      } else {
        field(at, row, out);
      }
    }
    if (counts) {
      out.putInt(8);
      out.putLong(number);
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
