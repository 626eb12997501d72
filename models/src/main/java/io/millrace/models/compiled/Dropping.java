package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;

/**
 * Leaves a row out if one of the columns is null, or one of the fractional ones NaN, as {@code
 * na.drop} does.
 */
@SuppressWarnings("ArrayRecordComponent")
record Dropping(Slot[] present, Slot[] fractional) implements RowStage {
  static Dropping of(Source... columns) {
    Slot[] present = Arrays.stream(columns).map(Source::slot).toArray(Slot[]::new);
    return new Dropping(
        present, Arrays.stream(present).filter(Dropping::isFractional).toArray(Slot[]::new));
  }

  private static boolean isFractional(Slot slot) {
    return slot.type() instanceof DoubleType || slot.type() instanceof FloatType;
  }

  @Override
  public boolean run(Cells row) {
    for (Slot slot : present) {
      if (row.isNull(slot)) {
        return false;
      }
    }
    for (Slot slot : fractional) {
      if (Double.isNaN(row.number(slot))) {
        return false;
      }
    }
    return true;
  }
}
