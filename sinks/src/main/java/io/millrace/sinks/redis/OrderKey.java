package io.millrace.sinks.redis;

import io.millrace.sinks.encode.Bytes;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * The place of a row among those of its key, as a text of digits: the greater text is the newer
 * row, a null the oldest. Empty where nothing tells the order.
 */
final class OrderKey {
  private static final int DIGITS = 20;

  private final int[] ordinals;
  private final Whole[] values;
  private final Bytes text = new Bytes(DIGITS + 1);

  private OrderKey(int[] ordinals, Whole[] values) {
    this.ordinals = ordinals;
    this.values = values;
  }

  /** Reads a value that is not null. */
  private interface Whole {
    long of(InternalRow row, int ordinal);
  }

  /**
   * The place by these columns.
   *
   * @throws IllegalArgumentException with a sentence, if a column has another type
   */
  static OrderKey of(List<String> names, int[] ordinals, StructType rows) {
    Whole[] values = new Whole[ordinals.length];
    for (int at = 0; at < ordinals.length; at++) {
      values[at] = whole(names.get(at), rows.apply(ordinals[at]).dataType());
    }
    return new OrderKey(ordinals, values);
  }

  private static Whole whole(String name, DataType type) {
    if (type instanceof LongType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType) {
      return InternalRow::getLong;
    } else if (type instanceof IntegerType || type instanceof DateType) {
      return InternalRow::getInt;
    } else if (type instanceof ShortType) {
      return InternalRow::getShort;
    } else if (type instanceof ByteType) {
      return InternalRow::getByte;
    }
    throw new IllegalArgumentException(
        "Expected a whole number, a date or a time for order-by, found %s of type %s. Cast it in a sql step"
            .formatted(name, type.sql()));
  }

  byte[] of(InternalRow row) {
    text.clear();
    for (int at = 0; at < values.length; at++) {
      if (row.isNullAt(ordinals[at])) {
        text.putAscii("0".repeat(DIGITS + 1));
      } else {
        String digits = Long.toUnsignedString(values[at].of(row, ordinals[at]) ^ Long.MIN_VALUE);
        text.putAscii("1" + "0".repeat(DIGITS - digits.length()) + digits);
      }
    }
    return text.copy();
  }
}
