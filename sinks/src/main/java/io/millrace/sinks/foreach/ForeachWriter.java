package io.millrace.sinks.foreach;

import io.millrace.engine.spi.RowWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function1;

/** One task's way to a user's handler, which is closed once whatever happens. */
final class ForeachWriter implements RowWriter<ForeachSink.Handled> {
  private final RowHandler handler;
  private final String name;
  private final Function1<Object, Object> convert;
  private @Nullable Throwable failure;
  private boolean closed;
  private long rows;

  private ForeachWriter(RowHandler handler, StructType columns) {
    this.handler = handler;
    this.name = handler.getClass().getName();
    this.convert = CatalystTypeConverters.createToScalaConverter(columns);
  }

  static ForeachWriter open(RowHandler handler, Task task) {
    ForeachWriter writer = new ForeachWriter(handler, task.columns());
    try {
      handler.open(task);
      return writer;
    } catch (Exception e) {
      writer.failure = e;
      writer.closeAfter(e);
      throw failed(writer.name, "open", e);
    }
  }

  @Override
  public void write(InternalRow row) {
    try {
      handler.process((Row) convert.apply(row));
      rows++;
    } catch (Exception e) {
      failure = e;
      throw failed(name, "process a row", e);
    }
  }

  @Override
  public ForeachSink.Handled finish() {
    closed = true;
    try {
      handler.close(null);
    } catch (Exception e) {
      throw failed(name, "close", e);
    }
    return new ForeachSink.Handled(rows);
  }

  @Override
  public void close() {
    if (!closed) {
      closeAfter(
          failure == null ? new IllegalStateException("The task ended early, elsewhere") : failure);
    }
  }

  private void closeAfter(Throwable why) {
    closed = true;
    try {
      handler.close(why);
    } catch (Exception e) {
      why.addSuppressed(e);
    }
  }

  private static IllegalStateException failed(String name, String what, Exception e) {
    return new IllegalStateException(
        "Cannot %s in %s: %s".formatted(what, name, String.valueOf(e.getMessage())), e);
  }
}
