package io.millrace.sinks.memory;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

class MemoryContractTest extends SinkContract {
  @Override
  protected Sink sink(String target) {
    return new MemorySink(new MemorySink.Settings(target));
  }

  @Override
  protected List<Map<String, String>> read(String target) {
    List<Row> rows = MemorySink.rows(target);
    return rows.isEmpty()
        ? List.of()
        : Extremes.list(Sessions.spark().createDataFrame(rows, rows.get(0).schema()));
  }
}
