package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.OneTask;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.Tenure;
import io.millrace.engine.spi.Tracing;
import io.millrace.engine.spi.Writing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * The driver's side: one transaction per batch, which holds its records and its mark. Its tasks
 * send into it where they share the driver's JVM; elsewhere one task has all of it. A start raises
 * the epoch in the marks; whoever finds a higher one than its own has been replaced.
 */
final class TransactionFence implements Fence<KafkaReceipt> {
  private final Transactions transactions;
  private final Identity who;
  private final MarkLog marks;
  private final Writing how;
  private final Way way;
  private final Tenure tenure;
  private Held held;
  private List<Reject> rejects = List.of();
  private Tracing tracing = Tracing.NONE;
  private boolean unforwarded = true;
  private @Nullable Origin origin;
  private long since;
  private @Nullable OpenTransaction open;

  /** Where the transaction of a batch is opened. */
  enum Way {
    ON_THE_DRIVER,
    IN_ONE_TASK
  }

  /**
   * Fences earlier starts.
   *
   * @param marks that were committed, closed with this
   */
  TransactionFence(Transactions transactions, MarkLog marks, Writing how, Way way) {
    this.how = how;
    this.way = way;
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
    catchUp("go on with");
    return held.batch();
  }

  /**
   * Reads the marks: the answer to a commit may have been lost.
   *
   * @throws IllegalStateException if this start has been replaced
   */
  private void catchUp(String what) {
    Optional<Held> found = marks.last();
    tenure.endIfReplaced(found, what);
    if (found.isPresent() && found.get().batch() > held.batch()) {
      held = found.get();
      rejects = List.of();
      unforwarded = true;
    }
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
    if (gathers()) {
      catchUp("begin batch %d of".formatted(batch));
      return;
    }
    Producer<byte[], byte[]> producer = transactions.open();
    try {
      // Only now: before, a transaction of another start could still have become visible.
      catchUp("begin batch %d of".formatted(batch));
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
      List<Reject> refused = tracing.trace(Entry.refused(who, how, batch, receipts, rows));
      Entry entry = new Entry(refused, next(batch, rows));
      try {
        now.commit(rows, entry.records(transactions, how));
      } catch (KafkaException e) {
        now.leave();
        new Settlement(transactions, marks, tenure, Transactions.STARTS, since).settle(batch, e);
      }
      has(entry);
    }
  }

  @Override
  public boolean gathers() {
    return way == Way.IN_ONE_TASK;
  }

  @Override
  public KafkaReceipt gather(long batch, OneTask<KafkaReceipt> rows) {
    KafkaReceipt receipt =
        rows.run(
            new Turn(transactions.settings(), held, marks.position(), Optional.ofNullable(origin)));
    has(new Entry(receipt.rejects(), next(batch, receipt.sent())));
    return receipt;
  }

  private Held next(long batch, long rows) {
    return new Held(
        who.queryId(),
        tenure.epoch(),
        batch,
        Optional.of(rows),
        Optional.of(Instant.now()),
        Optional.ofNullable(origin));
  }

  private void has(Entry entry) {
    held = entry.next();
    rejects = entry.refused();
    unforwarded = !rejects.isEmpty();
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
