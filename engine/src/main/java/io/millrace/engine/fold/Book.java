package io.millrace.engine.fold;

import io.millrace.engine.fold.Firing.Pane;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** What one window has seen and given. */
final class Book {
  private static final UTF8String INSERT = UTF8String.fromString("insert");
  private static final UTF8String DELETE = UTF8String.fromString("delete");

  private final Aggregator aggregator;
  private final WindowResult.Giving giving;
  private final int width;
  private final Optional<Firing> firing;
  private InternalRow seen;
  private @Nullable UnsafeRow given;
  private long givenEnd;
  private long rows;
  private long version;

  Book(Aggregation aggregation, WindowResult result, Optional<Firing> firing) {
    this.aggregator = new Aggregator(aggregation);
    this.giving = result.giving();
    this.width = result.results();
    this.firing = firing;
    this.seen = aggregator.fresh();
  }

  void clear() {
    seen = aggregator.fresh();
    given = null;
    rows = 0;
    version = 0;
  }

  void add(UnsafeRow row) {
    aggregator.update(seen, row);
    rows++;
  }

  /** How many rows have come since it has given a result. */
  long rows() {
    return rows;
  }

  void fire(long start, long end, InternalRow key, Pane pane, Consumer<InternalRow> out) {
    UnsafeRow results = aggregator.results(seen).copy();
    rows = 0;
    if (firing.isEmpty()) {
      out.accept(giving.row(start, end, key, results));
      return;
    }
    UTF8String word = UTF8String.fromString(pane.word());
    switch (firing.get().panes()) {
      case DISCARD -> {
        out.accept(giving.row(start, end, key, results, word, ++version));
        seen = aggregator.fresh();
      }
      case ACCUMULATE -> out.accept(giving.row(start, end, key, results, word, ++version));
      case RETRACT -> {
        if (given != null) {
          out.accept(giving.row(start, givenEnd, key, given, word, ++version, DELETE));
        }
        out.accept(giving.row(start, end, key, results, word, ++version, INSERT));
        given = results;
        givenEnd = end;
      }
    }
  }

  byte[] packed() {
    byte[] buffer = aggregator.packed(seen);
    byte[] last = given == null ? new byte[0] : given.getBytes();
    return ByteBuffer.allocate(3 * Long.BYTES + Integer.BYTES + last.length + buffer.length)
        .putLong(rows)
        .putLong(version)
        .putLong(givenEnd)
        .putInt(last.length)
        .put(last)
        .put(buffer)
        .array();
  }

  /** What was packed, at the end of a buffer. */
  void unpack(ByteBuffer buffer) {
    rows = buffer.getLong();
    version = buffer.getLong();
    givenEnd = buffer.getLong();
    byte[] last = new byte[buffer.getInt()];
    buffer.get(last);
    given = last.length == 0 ? null : Values.row(last, width);
    seen = aggregator.unpacked(Memory.rest(buffer));
  }
}
