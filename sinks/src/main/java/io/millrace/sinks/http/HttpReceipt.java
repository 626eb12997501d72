package io.millrace.sinks.http;

import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import java.util.List;

/**
 * What a task did with its rows.
 *
 * @param rejects those of the rows that it left out
 */
public record HttpReceipt(long rows, List<Reject> rejects) implements Receipt {
  private static final long serialVersionUID = 1;
}
