package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Tenure;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Finds out whether a batch is committed whose commit failed: by the marks, never by guessing.
 *
 * @param rivals who else may have ended the transaction, as a sentence names them
 * @param since when the transaction was opened, by {@link System#nanoTime()}
 */
record Settlement(
    Transactions transactions, MarkLog marks, Tenure tenure, String rivals, long since) {

  /**
   * Returns if the batch is committed.
   *
   * @throws IllegalStateException with a sentence, if it is not, or if that is not known
   */
  void settle(long batch, KafkaException why) {
    if (why instanceof InterruptException) {
      throw why;
    }
    Optional<Held> found = decided(batch, why);
    String what = "commit batch %d of".formatted(batch);
    tenure.endIfReplaced(found, what);
    long there = found.map(Held::batch).orElse(-1L);
    if (Transactions.fenced(why) && there < batch) {
      throw fenced(what, why);
    }
    if (there < batch) {
      throw new TransactionException(
          "Cannot commit batch %d of sink %s: %s. Nothing of it is visible; it comes again"
              .formatted(batch, transactions.who().sink(), Transactions.text(why)),
          why);
    }
  }

  /** The last mark when nothing of this sink is open; who has been replaced ends nothing. */
  private Optional<Held> decided(long batch, KafkaException why) {
    try {
      boolean unused = marks.settled();
      Optional<Held> found = marks.last();
      if (tenure.replaced(found) || Transactions.fenced(why)) {
        return found;
      }
      transactions.open().close(Duration.ZERO);
      return marks.last();
    } catch (RuntimeException e) {
      e.addSuppressed(why);
      throw new TransactionException(
          "Cannot tell whether batch %d of sink %s is committed: %s. The next try finds it in the ledger topic %s"
              .formatted(
                  batch,
                  transactions.who().sink(),
                  Transactions.text(why),
                  transactions.ledger().name()),
          e);
    }
  }

  private IllegalStateException fenced(String what, KafkaException why) {
    Duration patience = transactions.settings().patience();
    String cannot = "Cannot %s sink %s: ".formatted(what, transactions.who().sink());
    return System.nanoTime() - since > patience.toNanos()
        ? new IllegalStateException(
            cannot
                + "it took longer than transaction-timeout, %s, and the brokers aborted it. Raise transaction-timeout, or let batches be smaller"
                    .formatted(Durations.text(patience)),
            why)
        : new TransactionException(cannot + "fenced by " + rivals, why);
  }
}
