package io.millrace.engine.fold;

import io.millrace.engine.fold.Firing.Pane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.types.UTF8String;

/** What one window has seen and given. */
final class Book {
  private static final UTF8String INSERT = UTF8String.fromString("insert");
  private static final UTF8String DELETE = UTF8String.fromString("delete");
  private static final List<Pane> PANES = List.of(Pane.values());

  private final Kind kind;
  private final List<Given> given = new ArrayList<>();
  private InternalRow seen;
  private long rows;
  private long version;

  /** What the books of windows have in common that are kept in the same way. */
  record Kind(
      Aggregator aggregator, WindowResult.Giving giving, int width, Optional<Firing> firing) {
    static Kind of(Aggregation aggregation, WindowResult result, Optional<Firing> firing) {
      return new Kind(new Aggregator(aggregation), result.giving(), result.results(), firing);
    }
  }

  /** A result that may have to be taken back. */
  private record Given(long start, long end, Pane pane, UnsafeRow results) {}

  Book(Kind kind) {
    this.kind = kind;
    this.seen = kind.aggregator().fresh();
  }

  void clear() {
    seen = kind.aggregator().fresh();
    given.clear();
    rows = 0;
    version = 0;
  }

  void add(UnsafeRow row) {
    kind.aggregator().update(seen, row);
    rows++;
  }

  /** The window becomes one with another, whose book is over then. */
  void merge(Book other) {
    kind.aggregator().merge(seen, other.seen);
    given.addAll(other.given);
    rows += other.rows;
    version = Math.max(version, other.version);
  }

  /** How many rows have come since it has given a result. */
  long rows() {
    return rows;
  }

  /** The first end that it has told and may have to take back. */
  OptionalLong told() {
    return given.stream().mapToLong(Given::end).min();
  }

  void fire(long start, long end, InternalRow key, Pane pane, Consumer<InternalRow> out) {
    Given result = new Given(start, end, pane, kind.aggregator().results(seen).copy());
    rows = 0;
    if (kind.firing().isEmpty()) {
      out.accept(kind.giving().row(start, end, key, result.results()));
      return;
    }
    switch (kind.firing().get().panes()) {
      case DISCARD -> {
        out.accept(row(result, key));
        seen = kind.aggregator().fresh();
      }
      case ACCUMULATE -> out.accept(row(result, key));
      case RETRACT -> {
        given.forEach(before -> out.accept(row(before, key, DELETE)));
        out.accept(row(result, key, INSERT));
        given.clear();
        given.add(result);
      }
    }
  }

  private InternalRow row(Given result, InternalRow key, UTF8String... operation) {
    List<Object> more = new ArrayList<>();
    more.add(UTF8String.fromString(result.pane().word()));
    more.add(++version);
    more.addAll(List.of(operation));
    return kind.giving().row(result.start(), result.end(), key, result.results(), more.toArray());
  }

  byte[] packed() {
    byte[] buffer = kind.aggregator().packed(seen);
    int length = given.stream().mapToInt(Book::length).sum();
    ByteBuffer packed =
        ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES + length + buffer.length)
            .putLong(rows)
            .putLong(version)
            .putInt(given.size());
    for (Given each : given) {
      byte[] results = each.results().getBytes();
      packed.putLong(each.start()).putLong(each.end()).putInt(PANES.indexOf(each.pane()));
      packed.putInt(results.length).put(results);
    }
    return packed.put(buffer).array();
  }

  private static int length(Given each) {
    return 2 * Long.BYTES + 2 * Integer.BYTES + each.results().getSizeInBytes();
  }

  /** What was packed, at the end of a buffer. */
  void unpack(ByteBuffer buffer) {
    rows = buffer.getLong();
    version = buffer.getLong();
    given.clear();
    for (int left = buffer.getInt(); left > 0; left--) {
      long start = buffer.getLong();
      long end = buffer.getLong();
      Pane pane = PANES.get(buffer.getInt());
      byte[] results = new byte[buffer.getInt()];
      buffer.get(results);
      given.add(new Given(start, end, pane, Values.row(results, kind.width())));
    }
    seen = kind.aggregator().unpacked(Memory.rest(buffer));
  }
}
