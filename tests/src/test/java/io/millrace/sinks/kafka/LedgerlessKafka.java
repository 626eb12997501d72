package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The exactly-once sink {@code kafka} without its ledger: one transaction per batch by one producer
 * that stays open, with no mark in it.
 */
public record LedgerlessKafka(KafkaSink.Settings settings) implements RowSink<KafkaReceipt> {
  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public Fence<KafkaReceipt> start(Identity who, Writing how, StructType rows) {
    Producer<byte[], byte[]> producer =
        Producers.transactional(settings.client(), "bench-" + who.job(), settings.patience());
    producer.initTransactions();
    return new Open(who, producer);
  }

  @Override
  public RowWriter<KafkaReceipt> writer(Attempt attempt) {
    return new KafkaWriter(OpenTransaction.of(attempt.who(), attempt.batch()), settings, attempt);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }

  private static final class Open implements Fence<KafkaReceipt> {
    private final Identity who;
    private final Producer<byte[], byte[]> producer;
    private @Nullable OpenTransaction open;

    Open(Identity who, Producer<byte[], byte[]> producer) {
      this.who = who;
      this.producer = producer;
    }

    @Override
    public long last() {
      return -1;
    }

    @Override
    public void begin(long batch) {
      open = OpenTransaction.begin(who, batch, producer);
    }

    @Override
    public void commit(long batch, List<KafkaReceipt> receipts) {
      OpenTransaction now = open;
      if (now == null) {
        throw new IllegalStateException("Cannot commit batch " + batch);
      }
      open = null;
      now.commit(receipts.stream().mapToLong(KafkaReceipt::sent).sum(), List.of());
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
      abort(-1);
      producer.close(Duration.ZERO);
    }
  }
}
