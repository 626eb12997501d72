package io.millrace.sinks.kafka;

import io.millrace.engine.spi.KafkaClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producers: one per JVM and settings, shared by all tasks, and one for each transaction. */
final class Producers {
  private static final Map<KafkaClient, Producer<byte[], byte[]>> OPEN = new ConcurrentHashMap<>();

  private Producers() {}

  /** The producer that all tasks share. It lives as long as the JVM. */
  static Producer<byte[], byte[]> shared(KafkaClient client) {
    return OPEN.computeIfAbsent(client, settings -> open(settings, Map.of()));
  }

  /** Takes a producer that has failed for good out of use. */
  static void retire(Producer<byte[], byte[]> producer) {
    if (OPEN.values().remove(producer)) {
      producer.close(Duration.ZERO);
    }
  }

  /**
   * A producer for one transaction; the caller closes it.
   *
   * @param id what of all its producers only the last may use
   * @param timeout after which the brokers abort a transaction that nobody ends
   */
  static Producer<byte[], byte[]> transactional(KafkaClient client, String id, Duration timeout) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    more.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(timeout.toMillis()));
    // The brokers answer "later" while they end the transaction before: 100 ms is long then.
    more.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, "5");
    return open(client, more);
  }

  private static Producer<byte[], byte[]> open(KafkaClient client, Map<String, Object> more) {
    Map<String, Object> all = new LinkedHashMap<>(more);
    all.put(ProducerConfig.LINGER_MS_CONFIG, "5");
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
    all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    all.putAll(client.reveal());
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
