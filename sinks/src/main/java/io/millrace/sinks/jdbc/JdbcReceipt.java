package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a task did with its rows.
 *
 * @param inline the encoded rows that the driver still has to write; empty if they are elsewhere
 * @param kept the same rows as they came, where some may be left out; else empty
 * @param staged the attempt under which the rows are in the stage; null if they are elsewhere
 * @param rejects those of the rows that it left out
 * @param waited for a connection, in nanoseconds
 */
// A list of boxed bytes would be many times the size.
@SuppressWarnings("ArrayRecordComponent")
public record JdbcReceipt(
    long rows, byte[] inline, byte[] kept, @Nullable UUID staged, List<Reject> rejects, long waited)
    implements Receipt {
  private static final long serialVersionUID = 3;

  /** How many rows it handed on. */
  long handed() {
    return rows - rejects.size();
  }
}
