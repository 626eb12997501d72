package io.millrace.sinks.console;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** Prints the first rows of each batch as a table. */
public record ConsoleSink(Settings settings) implements RowSink<ConsoleSink.Printed> {

  /** What a job says about the table. */
  public record Settings(
      @Doc("How many rows of a batch are printed.") @Default("20") int rows,
      @Doc("How many characters of a value are printed; 0 for all.") @Default("40") int truncate) {
    public Settings {
      if (rows < 1) {
        throw new IllegalArgumentException("Expected rows of 1 or more, found " + rows);
      }
      if (truncate != 0 && truncate < 4) {
        throw new IllegalArgumentException(
            "Expected truncate of 4 or more, or 0 for whole values, found " + truncate);
      }
    }
  }

  /** The first rows of a task as text, and the number of all. */
  public record Printed(long rows, List<List<String>> first) implements Receipt {}

  @Override
  public Order order(Writing how) {
    return new Order.Kept();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    how.onlyAppends("on the console. Use write: append");
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public Fence<Printed> start(Identity who, Writing how, StructType rows) {
    return new ConsoleFence(settings, who.sink(), List.of(rows.fieldNames()));
  }

  @Override
  public RowWriter<Printed> writer(Attempt attempt) {
    return new ConsoleWriter(settings, attempt.rows());
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
