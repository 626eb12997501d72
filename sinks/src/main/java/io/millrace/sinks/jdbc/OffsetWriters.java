package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writers;

/** Writers of one start, which prove its epoch with each transaction. */
record OffsetWriters(JdbcSettings settings, long epoch) implements Writers<OffsetReceipt> {
  @Override
  public RowWriter<OffsetReceipt> writer(Attempt attempt) {
    return new OffsetWriter(settings, epoch, attempt);
  }
}
