package io.millrace.sinks.memory;

import io.millrace.engine.spi.RowWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/** Collects the rows of one task. */
final class MemoryWriter implements RowWriter<MemorySink.Collected> {
  private final Function1<Object, Object> convert;
  private final List<Row> rows = new ArrayList<>();

  MemoryWriter(StructType columns) {
    convert = CatalystTypeConverters.createToScalaConverter(columns);
  }

  @Override
  public void write(InternalRow row) {
    rows.add((Row) convert.apply(row));
  }

  @Override
  public MemorySink.Collected finish() {
    return new MemorySink.Collected(List.copyOf(rows));
  }

  @Override
  public void close() {
    rows.clear();
  }
}
