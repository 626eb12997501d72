package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Tenure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * One try of the task that has all rows of a batch: a transaction of its own, whose opening ends
 * that of any other try. Where the marks say that another try has committed, it sends nothing, and
 * tells of the rows what that one told.
 */
final class TaskTransaction implements RowWriter<KafkaReceipt> {
  private final Transactions transactions;
  private final MarkLog marks;
  private final Tenure tenure;
  private final Turn turn;
  private final Attempt attempt;
  private final KafkaWriter writer;
  private final long since = System.nanoTime();
  private @Nullable OpenTransaction open;

  private TaskTransaction(
      Transactions transactions,
      MarkLog marks,
      Tenure tenure,
      Turn turn,
      Attempt attempt,
      @Nullable OpenTransaction open) {
    this.transactions = transactions;
    this.marks = marks;
    this.tenure = tenure;
    this.turn = turn;
    this.attempt = attempt;
    this.open = open;
    this.writer =
        new KafkaWriter(
            open == null ? new Nowhere(turn.settings()) : open, turn.settings(), attempt);
  }

  /**
   * Opens the transaction, unless the batch is there.
   *
   * @param marks closed with what is returned
   * @throws IllegalStateException with a sentence, if another start has replaced that of the driver
   */
  static TaskTransaction open(
      Transactions transactions, MarkLog marks, Turn turn, Attempt attempt) {
    Tenure tenure = Tenure.of(attempt.who(), turn.held());
    try {
      Producer<byte[], byte[]> producer = transactions.open();
      try {
        // Only now: before, a transaction of another try could still have become visible.
        Optional<Held> found = marks.last();
        OpenTransaction open = null;
        if (tenure.lacks(found, attempt.batch())) {
          open = OpenTransaction.alone(attempt.who(), attempt.batch(), producer);
        } else {
          failIfOther(found, turn, attempt);
          producer.close(Duration.ZERO);
        }
        return new TaskTransaction(transactions, marks, tenure, turn, attempt, open);
      } catch (RuntimeException e) {
        producer.close(Duration.ZERO);
        throw e;
      }
    } catch (RuntimeException e) {
      marks.close();
      throw e;
    }
  }

  /** A try for rows that were worked out before may have come through behind its driver's back. */
  private static void failIfOther(Optional<Held> found, Turn turn, Attempt attempt) {
    Optional<Long> there = found.flatMap(Held::origin).flatMap(Origin::digest);
    Optional<Long> now = turn.origin().flatMap(Origin::digest);
    if (there.isPresent() && now.isPresent() && !there.equals(now)) {
      throw new IllegalStateException(
          "Cannot go on with sink %s: it has batch %d with other rows than those that came now. Look for what is not the same twice: chance, the clock, or a table or file that has changed since"
              .formatted(attempt.who().sink(), attempt.batch()));
    }
  }

  @Override
  public void write(InternalRow row) {
    writer.write(row);
  }

  @Override
  public KafkaReceipt finish() {
    KafkaReceipt receipt = writer.finish();
    OpenTransaction now = open;
    if (now != null) {
      Entry entry = entry(receipt);
      try {
        now.commit(receipt.sent(), entry.records(transactions, attempt.how()));
      } catch (KafkaException e) {
        now.leave();
        new Settlement(transactions, marks, tenure, Transactions.TRIES, since)
            .settle(attempt.batch(), e);
      }
      open = null;
    }
    return receipt;
  }

  private Entry entry(KafkaReceipt receipt) {
    return new Entry(
        Entry.refused(
            attempt.who(), attempt.how(), attempt.batch(), List.of(receipt), receipt.sent()),
        new Held(
            attempt.who().queryId(),
            tenure.epoch(),
            attempt.batch(),
            Optional.of(receipt.sent()),
            Optional.of(Instant.now()),
            turn.origin()));
  }

  /** Aborts what is not committed. */
  @Override
  public void close() {
    OpenTransaction now = open;
    open = null;
    try (MarkLog log = marks) {
      writer.close();
      if (now != null) {
        now.close();
      }
    }
  }
}
