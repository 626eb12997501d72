package io.millrace.engine.fold;

import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Work on one key after the other. Times are in microseconds. What it gives must not change
 * afterwards; a row that it is told is its own to keep.
 */
public interface Folding {
  /** Goes on with a key, with what {@link #end} gave; null if nothing is known of it. */
  void begin(InternalRow key, byte @Nullable [] memory);

  /** The next row: no row of the key before it will come any more. */
  void row(UnsafeRow row, Consumer<InternalRow> out);

  /** All rows of a batch have been told, as far as they have come; none, if it is woken. */
  default void batch(Now now, Consumer<InternalRow> out) {}

  /**
   * When {@link #batch} should be called even if no rows come, by the time of batches; empty if it
   * should not. Only the watermark wakes a key: that is with the first batch in front of which it
   * has moved on by as much as was left until then, and may be too soon.
   */
  default OptionalLong due() {
    return OptionalLong.empty();
  }

  /** When it wants to know that all rows up to then have been told; empty if it does not. */
  default OptionalLong alarm() {
    return OptionalLong.empty();
  }

  /** All rows up to the time that it asked for have been told. The next alarm is a later one. */
  default void alarmed(Consumer<InternalRow> out) {
    throw new IllegalStateException("Cannot be woken: it asks for no alarm");
  }

  /** What to remember of the key; null if nothing. */
  byte @Nullable [] end();
}
