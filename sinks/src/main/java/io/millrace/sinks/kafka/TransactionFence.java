package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Tenure;
import io.millrace.engine.spi.Tracing;
import io.millrace.engine.spi.Writing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * The driver's side: one transaction per batch, which holds its records and its mark. A start
 * raises the epoch in the marks; whoever finds a higher one than its own has been replaced.
 */
final class TransactionFence implements Fence<KafkaReceipt> {
  private final Transactions transactions;
  private final Identity who;
  private final MarkLog marks;
  private final Writing how;
  private final Tenure tenure;
  private Held held;
  private List<Reject> rejects = List.of();
  private Tracing tracing = Tracing.NONE;
  private boolean unforwarded = true;
  private @Nullable Origin origin;
  private long since;
  private @Nullable OpenTransaction open;

  /**
   * Fences earlier starts.
   *
   * @param marks that were committed, closed with this
   */
  TransactionFence(Transactions transactions, MarkLog marks, Writing how) {
    this.how = how;
    this.transactions = transactions;
    this.who = transactions.who();
    this.marks = marks;
    try {
      this.held = transactions.mark(marks, before -> begin(transactions, before));
      this.tenure = Tenure.of(who, held);
    } catch (RuntimeException e) {
      marks.close();
      throw e;
    }
  }

  private static Held begin(Transactions transactions, Optional<Held> before) {
    String ledger = transactions.ledger().name();
    String topic = transactions.settings().topic();
    return Tenure.begin(
        transactions.who(),
        before,
        "ledger topic " + ledger,
        "the rows of before left in topic %s, delete the topic %s".formatted(topic, ledger));
  }

  @Override
  public long last() {
    tenure.endIfReplaced(marks.last(), "go on with");
    return held.batch();
  }

  @Override
  public void note(Origin told) {
    origin = told;
  }

  @Override
  public Optional<Origin> noted(long batch) {
    return held.batch() == batch ? held.origin() : Optional.empty();
  }

  @Override
  public void begin(long batch) {
    Producer<byte[], byte[]> producer = transactions.open();
    try {
      // Only now: before, a transaction of another start could still have become visible.
      tenure.endIfReplaced(marks.last(), "begin batch %d of".formatted(batch));
      since = System.nanoTime();
      open = OpenTransaction.begin(who, batch, producer);
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  @Override
  public void trace(Tracing told) {
    tracing = told;
  }

  @Override
  public void commit(long batch, List<KafkaReceipt> receipts) {
    OpenTransaction begun = opened(batch);
    open = null;
    try (OpenTransaction now = begun) {
      if (batch <= held.batch()) {
        return;
      }
      long rows = receipts.stream().mapToLong(KafkaReceipt::sent).sum();
      List<Reject> refused = refused(batch, receipts, rows);
      Held next =
          new Held(
              who.queryId(),
              tenure.epoch(),
              batch,
              Optional.of(rows),
              Optional.of(Instant.now()),
              Optional.ofNullable(origin));
      try {
        now.commit(rows, remembered(batch, refused, next));
      } catch (KafkaException e) {
        now.leave();
        settle(batch, e);
      }
      held = next;
      rejects = refused;
      unforwarded = !refused.isEmpty();
    }
  }

  private List<Reject> refused(long batch, List<KafkaReceipt> receipts, long sent) {
    List<Reject> refused = new ArrayList<>();
    receipts.forEach(receipt -> refused.addAll(receipt.rejects()));
    if (!refused.isEmpty()) {
      String example = refused.get(0).reason();
      how.limit()
          .check("sink " + who.sink(), batch, refused.size(), sent + refused.size(), example);
    }
    return List.copyOf(tracing.trace(refused));
  }

  /** Rows for the dead letters are remembered with their batch, until these have them. */
  private List<ProducerRecord<byte[], byte[]>> remembered(
      long batch, List<Reject> refused, Held next) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    if (how.faults() == RowFaults.LETTER) {
      for (Reject reject : refused) {
        records.add(transactions.toRecord(batch, records.size(), LeftOut.value(reject)));
      }
    }
    records.add(transactions.toRecord(next));
    return records;
  }

  @Override
  public List<Reject> rejects(long batch) {
    if (batch != held.batch() || !unforwarded) {
      return List.of();
    }
    return rejects.isEmpty() ? marks.rejects(batch) : rejects;
  }

  @Override
  public void forwarded(long batch) {
    List<ProducerRecord<byte[], byte[]>> forgotten =
        IntStream.range(0, rejects(batch).size())
            .mapToObj(number -> transactions.toRecord(batch, number, null))
            .toList();
    if (!forgotten.isEmpty()) {
      transactions.write(
          forgotten,
          () -> tenure.endIfReplaced(marks.last(), "forward rows of batch %d of".formatted(batch)));
    }
    rejects = List.of();
    unforwarded = false;
  }

  /**
   * Finds out whether a batch is committed whose commit failed: by the marks, never by guessing.
   */
  private void settle(long batch, KafkaException why) {
    if (why instanceof InterruptException) {
      throw why;
    }
    Optional<Held> found = decided(batch, why);
    String what = "commit batch %d of".formatted(batch);
    tenure.endIfReplaced(found, what);
    if (Transactions.fenced(why)) {
      throw new IllegalStateException(fenced(what), why);
    }
    if (found.map(Held::batch).orElse(-1L) < batch) {
      throw new IllegalStateException(
          "Cannot commit batch %d of sink %s: %s. Nothing of it is visible; it comes again"
              .formatted(batch, who.sink(), Transactions.text(why)),
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
      throw new IllegalStateException(
          "Cannot tell whether batch %d of sink %s is committed: %s. The next start finds it in the ledger topic %s"
              .formatted(batch, who.sink(), Transactions.text(why), transactions.ledger().name()),
          e);
    }
  }

  private String fenced(String what) {
    Duration patience = transactions.settings().patience();
    return "Cannot %s sink %s: ".formatted(what, who.sink())
        + (System.nanoTime() - since > patience.toNanos()
            ? "it took longer than transaction-timeout, %s, and the brokers aborted it. Raise transaction-timeout, or let batches be smaller"
                .formatted(Durations.text(patience))
            : "fenced by another start of this job");
  }

  @Override
  public void abort(long batch) {
    OpenTransaction now = open;
    open = null;
    if (now != null) {
      now.close();
    }
  }

  @Override
  public void close() {
    try {
      abort(-1);
    } finally {
      marks.close();
    }
  }

  private OpenTransaction opened(long batch) {
    OpenTransaction now = open;
    if (now == null) {
      throw new IllegalStateException("Cannot commit batch " + batch + ", which was not begun");
    }
    return now;
  }
}
