package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import java.util.List;

/**
 * The records that a task wrote, all of them acknowledged by the broker.
 *
 * @param rejects those of the rows that it left out
 */
record KafkaReceipt(long rows, List<Reject> rejects) implements Receipt {
  private static final long serialVersionUID = 2;

  /** How many records it sent. */
  long sent() {
    return rows - rejects.size();
  }
}
