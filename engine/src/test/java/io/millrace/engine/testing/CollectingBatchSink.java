package io.millrace.engine.testing;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Writing;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.Row;

/** A batch sink in this JVM; a batch that comes again replaces itself. */
public record CollectingBatchSink(String name) implements BatchSink {
  private static final Map<String, SortedMap<Long, List<Row>>> VISIBLE = new ConcurrentHashMap<>();

  public List<Row> rows() {
    return batches().values().stream().flatMap(List::stream).toList();
  }

  public SortedMap<Long, List<Row>> batches() {
    return VISIBLE.computeIfAbsent(name, key -> new TreeMap<>());
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public void write(Batch batch) {
    batches().put(batch.id(), batch.rows().collectAsList());
  }
}
