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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.Producer;
import org.apache.spark.sql.types.StructType;

/**
 * The exactly-once sink {@code kafka} without its ledger: one transaction per batch by one producer
 * that stays open, with no mark in it.
 */
public record LedgerlessKafka(KafkaSink.Settings settings) implements RowSink<KafkaReceipt> {
  private static final Map<Identity, Producer<byte[], byte[]>> OPEN = new ConcurrentHashMap<>();

  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public Fence<KafkaReceipt> start(Identity who, Writing how, StructType rows) {
    Producer<byte[], byte[]> producer =
        Producers.transactional(settings.client(), "bench-" + who.job(), settings.patience());
    producer.initTransactions();
    OPEN.put(who, producer);
    return new Open(who, producer);
  }

  @Override
  public RowWriter<KafkaReceipt> writer(Attempt attempt) {
    Producer<byte[], byte[]> producer = Objects.requireNonNull(OPEN.get(attempt.who()));
    return new KafkaWriter(new SharedOutlet(producer), settings, attempt);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }

  private record Open(Identity who, Producer<byte[], byte[]> producer)
      implements Fence<KafkaReceipt> {
    @Override
    public long last() {
      return -1;
    }

    @Override
    public void begin(long batch) {
      producer.beginTransaction();
    }

    @Override
    public void commit(long batch, List<KafkaReceipt> receipts) {
      producer.commitTransaction();
    }

    @Override
    public void abort(long batch) {
      producer.abortTransaction();
    }

    @Override
    public void close() {
      OPEN.remove(who, producer);
      producer.close(Duration.ZERO);
    }
  }
}
