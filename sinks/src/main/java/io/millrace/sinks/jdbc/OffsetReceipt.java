package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Receipt;

/** Rows that a task made visible; those that were there before are not among them. */
record OffsetReceipt(long rows) implements Receipt {
  private static final long serialVersionUID = 1;
}
