package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Receipt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a task wrote.
 *
 * @param inline the encoded rows that the driver still has to write; empty if they are elsewhere
 * @param staged the attempt under which the rows are in the stage; null if they are elsewhere
 */
// A list of boxed bytes would be many times the size.
@SuppressWarnings("ArrayRecordComponent")
public record JdbcReceipt(long rows, byte[] inline, @Nullable UUID staged) implements Receipt {
  private static final long serialVersionUID = 1;
}
