package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Nested;

/** The contract by classes of a user that keep what they get. */
class ForeachContractTest {
  private static final Map<String, List<Row>> KEPT = new ConcurrentHashMap<>();

  private static List<Row> kept(Map<String, String> settings) {
    return KEPT.computeIfAbsent(
        Objects.requireNonNull(settings.get("target")), name -> new CopyOnWriteArrayList<>());
  }

  /** Keeps rows. */
  public static final class Rows implements RowHandler {
    private List<Row> rows = List.of();

    @Override
    public void open(Task task) {
      rows = kept(task.settings());
    }

    @Override
    public void process(Row row) {
      rows.add(row);
    }
  }

  /** Keeps batches. */
  public static final class Whole implements BatchHandler {
    @Override
    public void write(Batch batch, Map<String, String> settings) {
      kept(settings).addAll(batch.rows().collectAsList());
    }
  }

  abstract static class Kept extends SinkContract {
    @Override
    protected List<Map<String, String>> read(String target) {
      List<Row> rows = kept(Map.of("target", target));
      return rows.isEmpty()
          ? List.of()
          : Extremes.list(Sessions.spark().createDataFrame(rows, rows.get(0).schema()));
    }
  }

  @Nested
  class ByRow extends Kept {
    @Override
    protected Sink sink(String target) {
      return new ForeachSink(
          new ForeachSink.Settings(Rows.class.getName(), Map.of("target", target)));
    }
  }

  @Nested
  class ByBatch extends Kept {
    @Override
    protected Sink sink(String target) {
      return new ForeachBatchSink(
          new ForeachBatchSink.Settings(Whole.class.getName(), Map.of("target", target)));
    }
  }
}
