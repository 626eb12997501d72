package io.millrace.sinks.memory;

import io.millrace.engine.spi.Fence;
import java.util.List;
import org.apache.spark.sql.Row;

/** Puts the rows of all tasks under the name at once. */
final class MemoryFence implements Fence<MemorySink.Collected> {
  private final Tables.Key key;
  private final boolean replaces;

  MemoryFence(Tables.Key key, boolean replaces) {
    this.key = key;
    this.replaces = replaces;
  }

  @Override
  public long last() {
    return Tables.last(key);
  }

  @Override
  public void begin(long batch) {}

  @Override
  public void commit(long batch, List<MemorySink.Collected> receipts) {
    List<Row> rows = receipts.stream().flatMap(receipt -> receipt.taken().stream()).toList();
    if (replaces) {
      Tables.replace(key, batch, rows);
    } else {
      Tables.append(key, batch, rows);
    }
  }

  @Override
  public void abort(long batch) {}

  @Override
  public void close() {}
}
