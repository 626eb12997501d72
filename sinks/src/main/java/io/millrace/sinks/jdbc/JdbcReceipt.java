package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Receipt;

/**
 * What a task wrote.
 *
 * @param inline the encoded rows that the driver still has to write; empty in the form direct
 */
// A list of boxed bytes would be many times the size.
@SuppressWarnings("ArrayRecordComponent")
public record JdbcReceipt(long rows, byte[] inline) implements Receipt {
  private static final long serialVersionUID = 1;
}
