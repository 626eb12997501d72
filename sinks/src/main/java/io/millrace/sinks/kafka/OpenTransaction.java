package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of one batch: the driver's, which the tasks of the same JVM send their records
 * into, or that of one task.
 */
final class OpenTransaction implements Outlet, AutoCloseable {
  private static final Map<Name, OpenTransaction> OPEN = new ConcurrentHashMap<>();

  private final Name name;
  private final Producer<byte[], byte[]> producer;
  private final String rivals;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private record Name(Identity who, long batch) {}

  private OpenTransaction(Name name, Producer<byte[], byte[]> producer, String rivals) {
    this.name = name;
    this.producer = producer;
    this.rivals = rivals;
  }

  /** Begins the transaction of a batch; whoever closes it closes the producer. */
  static OpenTransaction begin(Identity who, long batch, Producer<byte[], byte[]> producer) {
    OpenTransaction open = begun(who, batch, producer, Transactions.STARTS);
    OPEN.put(open.name, open);
    return open;
  }

  /** The same for one task alone: no other can find it. */
  static OpenTransaction alone(Identity who, long batch, Producer<byte[], byte[]> producer) {
    return begun(who, batch, producer, Transactions.TRIES);
  }

  private static OpenTransaction begun(
      Identity who, long batch, Producer<byte[], byte[]> producer, String rivals) {
    producer.beginTransaction();
    return new OpenTransaction(new Name(who, batch), producer, rivals);
  }

  /** The transaction of a batch, begun by a driver on this JVM. */
  static OpenTransaction of(Identity who, long batch) {
    OpenTransaction open = OPEN.get(new Name(who, batch));
    if (open == null) {
      throw new IllegalStateException(
          "Cannot find the open transaction of sink %s for batch %d on this JVM"
              .formatted(who.sink(), batch));
    }
    return open;
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> next, Callback answer) {
    checkUsable();
    Future<RecordMetadata> unused = producer.send(next, answer);
    sent.incrementAndGet();
  }

  @Override
  public int partitions(String topic) {
    return producer.partitionsFor(topic).size();
  }

  @Override
  public void flush() {
    producer.flush();
  }

  @Override
  public String refused(Exception why) {
    giveUp(why);
    return said(why);
  }

  private String said(Throwable why) {
    return Transactions.fenced(why)
        ? "fenced by " + rivals + ", or open for longer than transaction-timeout"
        : Transactions.text(why);
  }

  @Override
  public void giveUp(Throwable why) {
    failure.compareAndSet(null, why);
  }

  /**
   * Commits what is there, with what the ledger gets.
   *
   * @param told how many records the tasks say that they sent
   * @param ledger the mark, behind what else there is to remember
   * @throws IllegalStateException if other rows than these are in the transaction
   */
  void commit(long told, List<ProducerRecord<byte[], byte[]>> ledger) {
    checkUsable();
    if (sent.get() != told) {
      throw new IllegalStateException(
          "Cannot commit batch %d of sink %s: tasks wrote %d rows, %d were sent"
              .formatted(name.batch(), name.who().sink(), told, sent.get()));
    }
    Failpoint.ROWS_STORED.reached(name.who().sink());
    for (ProducerRecord<byte[], byte[]> record : ledger) {
      Future<RecordMetadata> unused = producer.send(record);
    }
    Failpoint.NUMBER_STORED.reached(name.who().sink());
    producer.commitTransaction();
    Failpoint.COMMITTED.reached(name.who().sink());
    leave();
  }

  /** Lets go of the transaction as it is. */
  void leave() {
    if (over.compareAndSet(false, true)) {
      OPEN.remove(name, this);
      producer.close(Duration.ZERO);
    }
  }

  /** Aborts what is not committed. */
  @Override
  public void close() {
    if (over.get()) {
      return;
    }
    // A stop interrupts: without the abort, readers of the topic would wait until its timeout.
    boolean interrupted = Thread.interrupted();
    try {
      producer.abortTransaction();
    } catch (RuntimeException e) {
      if (!Transactions.fenced(e)) {
        throw e;
      }
    } finally {
      leave();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void checkUsable() {
    Throwable why = failure.get();
    if (why != null) {
      throw new TransactionException(
          "Cannot write batch %d of sink %s: another task of it failed: %s"
              .formatted(name.batch(), name.who().sink(), said(why)),
          why);
    }
    if (over.get()) {
      throw new IllegalStateException(
          "Cannot write batch %d of sink %s: its transaction is over"
              .formatted(name.batch(), name.who().sink()));
    }
  }
}
