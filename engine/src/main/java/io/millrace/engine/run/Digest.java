package io.millrace.engine.run;

import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;

/**
 * A number for a row, by its bytes; those of many rows are added, in any order. Sums of doubles
 * depend on their order in the last digits, so 40 bits of their fractions count: 12 digits.
 */
final class Digest {
  private static final long SEED = 42;
  private static final long DROPPED = (1L << 12) - 1;
  private static final long HALF = 1L << 11;

  private final StructType columns;
  private final int[] doubles;
  private @Nullable UnsafeProjection flat;
  private byte[] copy = {};

  Digest(StructType columns) {
    this.columns = columns;
    this.doubles =
        IntStream.range(0, columns.length())
            .filter(i -> columns.fields()[i].dataType().equals(DataTypes.DoubleType))
            .toArray();
  }

  long of(InternalRow row) {
    UnsafeRow bytes = row instanceof UnsafeRow unsafe ? unsafe : flattened(row);
    int size = bytes.getSizeInBytes();
    if (doubles.length == 0) {
      return XXH64.hashUnsafeWords(bytes.getBaseObject(), bytes.getBaseOffset(), size, SEED);
    }
    if (copy.length < size) {
      copy = new byte[2 * size];
    }
    Platform.copyMemory(
        bytes.getBaseObject(), bytes.getBaseOffset(), copy, Platform.BYTE_ARRAY_OFFSET, size);
    int first = UnsafeRow.calculateBitSetWidthInBytes(columns.length());
    for (int column : doubles) {
      long at = Platform.BYTE_ARRAY_OFFSET + first + 8L * column;
      Platform.putLong(copy, at, rounded(Platform.getDouble(copy, at)));
    }
    return XXH64.hashUnsafeWords(copy, Platform.BYTE_ARRAY_OFFSET, size, SEED);
  }

  private static long rounded(double value) {
    return Double.isFinite(value) && value != 0
        ? (Double.doubleToRawLongBits(value) + HALF) & ~DROPPED
        : Double.doubleToLongBits(value + 0.0);
  }

  private UnsafeRow flattened(InternalRow row) {
    if (flat == null) {
      flat = UnsafeProjection.create(columns);
    }
    return flat.apply(row);
  }
}
