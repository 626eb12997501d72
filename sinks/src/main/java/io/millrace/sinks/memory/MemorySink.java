package io.millrace.sinks.memory;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Writing;
import java.util.List;
import java.util.SortedMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Keeps rows in the JVM of the driver, for tests. A batch is kept once, however often it comes; in
 * mode complete the last one replaces those before it.
 */
public record MemorySink(Settings settings) implements RowSink<MemorySink.Collected> {

  /** What a job says about the table. */
  public record Settings(
      @Doc("The name under which a test finds the rows.") @Shorthand String name) {
    public Settings {
      if (name.isBlank()) {
        throw new IllegalArgumentException("Missing name. Give one by which a test finds the rows");
      }
    }
  }

  /** The rows of one task. */
  public record Collected(List<Row> taken) implements Receipt {
    @Override
    public long rows() {
      return taken.size();
    }
  }

  /** All rows under a name, batch by batch. */
  public static List<Row> rows(String name) {
    return batches(name).values().stream().flatMap(List::stream).toList();
  }

  /**
   * The rows under a name by the number of their batch; batches of the same number that came from
   * several queries are put together.
   */
  public static SortedMap<Long, List<Row>> batches(String name) {
    return Tables.batches(name);
  }

  /** Forgets the rows under a name. */
  public static void clear(String name) {
    Tables.clear(name);
  }

  @Override
  public Order order(Writing how) {
    return new Order.Kept();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    how.onlyAppends("in memory: it has no keys. Use write: append");
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public Fence<Collected> start(Identity who, Writing how, StructType rows) {
    Tables.Key key = new Tables.Key(settings.name(), who);
    return new MemoryFence(key, how.mode() == Mode.COMPLETE);
  }

  @Override
  public RowWriter<Collected> writer(Attempt attempt) {
    return new MemoryWriter(attempt.rows());
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
