package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Fence;
import java.util.List;

/** A topic remembers no batch: what comes again is written again. */
final class KafkaFence implements Fence<KafkaReceipt> {
  @Override
  public long last() {
    return -1;
  }

  @Override
  public void begin(long batch) {}

  @Override
  public void commit(long batch, List<KafkaReceipt> receipts) {}

  @Override
  public void abort(long batch) {}

  @Override
  public void close() {}
}
