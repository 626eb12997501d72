package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Writers;
import java.util.List;
import java.util.Optional;

/** The driver's side in real time: it has raised the epoch, and all else is done by the tasks. */
record OffsetFence(OffsetWriters own) implements Fence<OffsetReceipt> {
  @Override
  public Optional<Writers<OffsetReceipt>> writers() {
    return Optional.of(own);
  }

  @Override
  public long last() {
    return -1;
  }

  @Override
  public void begin(long batch) {}

  @Override
  public void commit(long batch, List<OffsetReceipt> receipts) {}

  @Override
  public void abort(long batch) {}

  @Override
  public void close() {}
}
