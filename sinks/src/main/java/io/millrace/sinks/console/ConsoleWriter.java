package io.millrace.sinks.console;

import io.millrace.engine.spi.RowWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ToPrettyString;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** Turns the first rows of one task into text, as Spark's own tables show them. */
final class ConsoleWriter implements RowWriter<ConsoleSink.Printed> {
  private final ConsoleSink.Settings settings;
  private final List<Expression> cells;
  private final List<List<String>> first = new ArrayList<>();
  private long rows;

  ConsoleWriter(ConsoleSink.Settings settings, StructType columns) {
    this.settings = settings;
    Option<String> zone = Option.apply(SQLConf.get().sessionLocalTimeZone());
    cells =
        IntStream.range(0, columns.length())
            .<Expression>mapToObj(
                i ->
                    new ToPrettyString(
                        new BoundReference(i, columns.apply(i).dataType(), true), zone))
            .toList();
  }

  @Override
  public void write(InternalRow row) {
    if (rows < settings.rows()) {
      first.add(cells.stream().map(cell -> cut(String.valueOf(cell.eval(row)))).toList());
    }
    rows++;
  }

  private String cut(String text) {
    String line = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    int length = settings.truncate();
    return length == 0 || line.length() <= length ? line : line.substring(0, length - 3) + "...";
  }

  @Override
  public ConsoleSink.Printed finish() {
    return new ConsoleSink.Printed(rows, List.copyOf(first));
  }

  @Override
  public void close() {}
}
