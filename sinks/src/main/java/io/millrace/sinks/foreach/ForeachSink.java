package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.UserClass;
import io.millrace.engine.spi.Writing;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/** Hands each row to a user's {@link RowHandler}, in the task that made the row. */
public record ForeachSink(Settings settings) implements RowSink<ForeachSink.Handled> {

  /** What a job says about the class. */
  public record Settings(
      @Doc("The class that gets the rows: a public io.millrace.sinks.foreach.RowHandler.")
          @Shorthand
          String className,
      @Doc("Values that are handed to the class.") Map<String, String> settings) {
    public Settings {
      UserClass.find(className, RowHandler.class);
    }
  }

  /** The number of rows that a task handed over. */
  public record Handled(long rows) implements Receipt {}

  @Override
  public Order order(Writing how) {
    return new Order.Kept();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return Appending.guarantee(how);
  }

  @Override
  public Fence<Handled> start(Identity who, Writing how, StructType rows) {
    return Fence.forgetful();
  }

  @Override
  public RowWriter<Handled> writer(Attempt attempt) {
    RowHandler handler = UserClass.make(settings.className(), RowHandler.class);
    Task task =
        new Task(attempt.who(), attempt.batch(), attempt.id(), attempt.rows(), settings.settings());
    return ForeachWriter.open(handler, task);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
