package io.millrace.engine.fold;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** Tells the rows of a key in their order, and the alarms between them. */
final class Telling {
  /** By time, then by place; rows that are the same in both by what is in them. */
  static final Comparator<UnsafeRow> ORDER =
      Comparator.comparingLong((UnsafeRow row) -> row.getLong(Fold.TIME))
          .thenComparingLong(row -> row.getLong(Fold.PLACE))
          .thenComparing(UnsafeRow::getBytes, Arrays::compareUnsigned);

  private Telling() {}

  static void row(Folding folding, UnsafeRow row, Consumer<InternalRow> out) {
    alarms(folding, row.getLong(Fold.TIME) - 1, out);
    folding.row(row, out);
  }

  /** No row up to this time will come any more. */
  static void alarms(Folding folding, long until, Consumer<InternalRow> out) {
    OptionalLong alarm = folding.alarm();
    while (alarm.isPresent() && alarm.getAsLong() <= until) {
      folding.alarmed(out);
      alarm = folding.alarm();
    }
  }
}
