package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.KafkaFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one sink. There is never more than one: whoever opens the next one commits or
 * aborts, as it was meant, what another left open, and fences the other.
 *
 * @param producers gives a new transactional producer each time
 */
record Transactions(
    KafkaSink.Settings settings,
    LedgerTopic ledger,
    Identity who,
    Supplier<Producer<byte[], byte[]>> producers) {
  /** Who may end the transaction of a driver, as a sentence names them. */
  static final String STARTS = "another start of this job";

  /** Who may end that of a task. */
  static final String TRIES = "another try of its task or " + STARTS;

  private static final int MOST_TRIES = 5;

  static Transactions of(KafkaSink.Settings settings, Identity who) {
    LedgerTopic ledger = LedgerTopic.of(settings, who);
    return new Transactions(
        settings,
        ledger,
        who,
        () -> Producers.transactional(settings.client(), ledger.name(), settings.patience()));
  }

  /**
   * A producer that is ready for one transaction. A new one each time: its epoch is new too, so
   * that nothing of an earlier transaction that is still under way can end this one.
   */
  Producer<byte[], byte[]> open() {
    Producer<byte[], byte[]> producer = producer();
    try {
      producer.initTransactions();
      return producer;
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw new TransactionException(closed(e), e);
    }
  }

  private Producer<byte[], byte[]> producer() {
    try {
      return producers.get();
    } catch (KafkaException e) {
      throw new IllegalStateException(closed(e), e);
    }
  }

  private String closed(KafkaException why) {
    if (text(why).contains("transaction.max.timeout.ms")) {
      return "Cannot keep a transaction open for %s: the brokers at %s allow less. Lower transaction-timeout, or raise transaction.max.timeout.ms of the brokers"
          .formatted(Durations.text(settings.patience()), settings.servers());
    }
    if (why instanceof TimeoutException) {
      return "Cannot open a transaction at %s: %s. Check that the brokers run, and that there are as many as transaction.state.log.replication.factor of the brokers says"
          .formatted(settings.servers(), text(why));
    }
    return KafkaFault.sentence(settings.client(), "transactional id " + ledger.name(), why);
  }

  /**
   * Writes a mark in a transaction of its own; again, where another start ended that one.
   *
   * @param next what to remember, by what is remembered
   */
  Held mark(MarkLog marks, Function<Optional<Held>, Held> next) {
    for (int tries = 1; ; tries++) {
      try {
        return markOnce(marks, next);
      } catch (TransactionException e) {
        if (tries == MOST_TRIES || !fenced(e)) {
          throw e;
        }
      }
    }
  }

  private Held markOnce(MarkLog marks, Function<Optional<Held>, Held> next) {
    Producer<byte[], byte[]> producer = open();
    try {
      Held held = next.apply(marks.last());
      producer.beginTransaction();
      Future<RecordMetadata> unused = producer.send(toRecord(held));
      producer.commitTransaction();
      return held;
    } catch (KafkaException e) {
      throw unwritten(e);
    } finally {
      producer.close(Duration.ZERO);
    }
  }

  /**
   * Writes records in a transaction of their own, unless {@code check} throws behind its opening.
   */
  void write(List<ProducerRecord<byte[], byte[]>> records, Runnable check) {
    Producer<byte[], byte[]> producer = open();
    try {
      check.run();
      producer.beginTransaction();
      for (ProducerRecord<byte[], byte[]> record : records) {
        Future<RecordMetadata> unused = producer.send(record);
      }
      producer.commitTransaction();
    } catch (KafkaException e) {
      throw unwritten(e);
    } finally {
      producer.close(Duration.ZERO);
    }
  }

  private TransactionException unwritten(KafkaException why) {
    return new TransactionException(
        "Cannot write to the ledger topic %s: %s".formatted(ledger.name(), text(why)), why);
  }

  /** The record of a row that is left out, or of its being forwarded. */
  ProducerRecord<byte[], byte[]> toRecord(long batch, int number, byte @Nullable [] reject) {
    return new ProducerRecord<>(
        ledger.name(), ledger.partition().partition(), LeftOut.key(who, batch, number), reject);
  }

  /** The record of a mark. */
  ProducerRecord<byte[], byte[]> toRecord(Held held) {
    return new ProducerRecord<>(
        ledger.name(), ledger.partition().partition(), Mark.key(who), Mark.value(who, held));
  }

  /** Whether another producer of the same sink has taken over, or the brokers have given up. */
  static boolean fenced(Throwable why) {
    return Causes.any(why, ProducerFencedException.class, InvalidProducerEpochException.class);
  }

  /** What is at the bottom of a failure: above it, Kafka only says that there is one. */
  static String text(Throwable why) {
    return Causes.clause(Causes.root(why));
  }
}
