package io.millrace.models;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Counts one column of rows in the bins of a training. A number costs a binary search over at most
 * 99 doubles, a category one look into a hash map; nothing is made for a row, but for a decimal.
 */
@FunctionalInterface
interface ColumnCounter {
  /** Adds one to the place of the row's value. */
  void count(InternalRow row, long[] counts);

  /** A column of doubles. */
  @FunctionalInterface
  interface Numbers {
    double of(InternalRow row);
  }

  /**
   * The counter of a column that rows have.
   *
   * @param first place of the column among the counts
   */
  static ColumnCounter of(Bins bins, int ordinal, DataType type, int first) {
    if (bins instanceof CategoryBins categories) {
      return categories(categories, ordinal, type, first);
    }
    double[] edges = ((NumberBins) bins).edges();
    Numbers numbers = numbers(ordinal, type);
    return (row, counts) -> {
      if (row.isNullAt(ordinal)) {
        counts[first]++;
      } else {
        counts[first + place(edges, numbers.of(row))]++;
      }
    };
  }

  /** Which count a number belongs to: 0, that of the nulls, for NaN, else one more than its bin. */
  static int place(double[] edges, double value) {
    return Double.isNaN(value) ? 0 : 1 + Tally.bin(edges, value);
  }

  private static Numbers numbers(int ordinal, DataType type) {
    if (type instanceof DoubleType) {
      return row -> row.getDouble(ordinal);
    }
    if (type instanceof FloatType) {
      return row -> row.getFloat(ordinal);
    }
    if (type instanceof LongType) {
      return row -> row.getLong(ordinal);
    }
    if (type instanceof IntegerType) {
      return row -> row.getInt(ordinal);
    }
    if (type instanceof ShortType) {
      return row -> row.getShort(ordinal);
    }
    if (type instanceof ByteType) {
      return row -> row.getByte(ordinal);
    }
    if (type instanceof DecimalType decimal) {
      return row -> row.getDecimal(ordinal, decimal.precision(), decimal.scale()).toDouble();
    }
    throw new IllegalArgumentException("Expected a column of numbers, found " + type.sql());
  }

  private static ColumnCounter categories(
      CategoryBins bins, int ordinal, DataType type, int first) {
    Map<UTF8String, Integer> places = new HashMap<>();
    List<String> names = bins.names();
    for (int i = 0; i < names.size(); i++) {
      places.put(UTF8String.fromString(names.get(i)), first + 1 + i);
    }
    Integer others = first + 1 + bins.others();
    if (type instanceof BooleanType) {
      int yes = places.getOrDefault(UTF8String.fromString("true"), others);
      int no = places.getOrDefault(UTF8String.fromString("false"), others);
      return (row, counts) ->
          counts[row.isNullAt(ordinal) ? first : row.getBoolean(ordinal) ? yes : no]++;
    }
    return (row, counts) -> {
      if (row.isNullAt(ordinal)) {
        counts[first]++;
      } else {
        counts[places.getOrDefault(row.getUTF8String(ordinal), others)]++;
      }
    };
  }
}
