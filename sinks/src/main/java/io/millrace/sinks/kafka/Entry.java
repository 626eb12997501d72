package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Writing;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What the ledger topic gets with a batch.
 *
 * @param refused rows that the batch left out
 * @param next the mark
 */
record Entry(List<Reject> refused, Held next) {

  /**
   * Rows that tasks left out, if they are not too many.
   *
   * @throws IllegalStateException with a sentence, if they are
   */
  static List<Reject> refused(
      Identity who, Writing how, long batch, List<KafkaReceipt> receipts, long sent) {
    List<Reject> refused = new ArrayList<>();
    receipts.forEach(receipt -> refused.addAll(receipt.rejects()));
    if (!refused.isEmpty()) {
      String example = refused.get(0).reason();
      how.limit()
          .check("sink " + who.sink(), batch, refused.size(), sent + refused.size(), example);
    }
    return List.copyOf(refused);
  }

  /** Rows for the dead letters are remembered with their batch, until these have them. */
  List<ProducerRecord<byte[], byte[]>> records(Transactions transactions, Writing how) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    if (how.faults() == RowFaults.LETTER) {
      for (Reject reject : refused) {
        records.add(transactions.toRecord(next.batch(), records.size(), LeftOut.value(reject)));
      }
    }
    records.add(transactions.toRecord(next));
    return records;
  }
}
