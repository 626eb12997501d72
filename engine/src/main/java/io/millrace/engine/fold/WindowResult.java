package io.millrace.engine.fold;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a window gives: its start and its end, the columns of its key, the results, and what tells
 * of its firing.
 *
 * @param keys how many of the columns of a key are given
 * @param results how many results there are
 * @param given all columns
 */
public record WindowResult(int keys, int results, StructType given) implements Serializable {
  /** Where a window begins and ends. */
  public static final StructType SPAN =
      new StructType()
          .add("window_start", DataTypes.TimestampType)
          .add("window_end", DataTypes.TimestampType);

  Giving giving() {
    return new Giving(this, UnsafeProjection.create(given));
  }

  /** Builds rows, each of which can be kept. */
  record Giving(WindowResult result, UnsafeProjection projection) {
    InternalRow row(long start, long end, InternalRow key, InternalRow results, Object... more) {
      Object[] values = new Object[result.given.length()];
      values[0] = start;
      values[1] = end;
      int at = 2;
      for (int i = 0; i < result.keys; i++) {
        values[at] = key.get(i, result.given.apply(at).dataType());
        at++;
      }
      for (int i = 0; i < result.results; i++) {
        values[at] = results.get(i, result.given.apply(at).dataType());
        at++;
      }
      System.arraycopy(more, 0, values, at, more.length);
      return projection.apply(new GenericInternalRow(values)).copy();
    }
  }
}
