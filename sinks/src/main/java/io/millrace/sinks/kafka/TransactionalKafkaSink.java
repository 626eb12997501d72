package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.pool.SharedJvm;
import java.time.Duration;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Writes each row as one record; the records of a batch and its number become visible in one
 * transaction, to consumers that read with {@code isolation.level=read_committed}.
 */
record TransactionalKafkaSink(KafkaSink.Settings settings)
    implements RowSink<KafkaReceipt>, Ledgered {
  private static final Duration RETRY = Duration.ofMinutes(5);

  @Override
  public RowSink<?> inRealTime(Writing how) {
    throw new IllegalArgumentException(
        "makes the rows of a batch visible in one transaction. Write delivery: at-least-once");
  }

  @Override
  public Order order(Writing how) {
    return settings.order();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    KafkaSink.check(settings, how);
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public Duration patience() {
    return settings.retry().orElse(RETRY);
  }

  @Override
  public Fence<KafkaReceipt> start(Identity who, Writing how, StructType rows) {
    return start(
        who,
        how,
        rows,
        SharedJvm.of(SharedJvm.master())
            ? TransactionFence.Way.ON_THE_DRIVER
            : TransactionFence.Way.IN_ONE_TASK);
  }

  /** The same by a way that is known. */
  TransactionFence start(Identity who, Writing how, StructType rows, TransactionFence.Way way) {
    Layout.prepare(settings, rows);
    int replicas = TopicCheck.run(settings);
    Transactions transactions = Transactions.of(settings, who);
    transactions.ledger().create(replicas);
    return new TransactionFence(transactions, new Marks(transactions.ledger(), who), how, way);
  }

  @Override
  public RowWriter<KafkaReceipt> writer(Attempt attempt) {
    return new KafkaWriter(OpenTransaction.of(attempt.who(), attempt.batch()), settings, attempt);
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    LedgerTopic ledger = LedgerTopic.of(settings, who);
    if (!ledger.settled()) {
      return Optional.empty();
    }
    try (Marks marks = new Marks(ledger, who)) {
      return marks.last();
    }
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    Transactions transactions = Transactions.of(settings, who);
    if (!transactions.ledger().settled()) {
      return;
    }
    try (Marks marks = new Marks(transactions.ledger(), who)) {
      Held unused = transactions.mark(marks, before -> adopted(before, who, batch));
    }
  }

  private static Held adopted(Optional<Held> before, Identity who, long batch) {
    long epoch = before.map(Held::epoch).orElse(0L) + 1;
    return new Held(who.queryId(), epoch, batch, Optional.empty(), Optional.empty());
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
