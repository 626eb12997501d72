package io.millrace.sinks.kafka;

import io.millrace.engine.spi.KafkaClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One producer per JVM and settings, shared by all tasks. It lives as long as the JVM. */
final class Producers {
  private static final Map<KafkaClient, Producer<byte[], byte[]>> OPEN = new ConcurrentHashMap<>();

  private Producers() {}

  static Producer<byte[], byte[]> shared(KafkaClient client) {
    return OPEN.computeIfAbsent(client, Producers::open);
  }

  /** Takes a producer that has failed for good out of use. */
  static void retire(Producer<byte[], byte[]> producer) {
    if (OPEN.values().remove(producer)) {
      producer.close(java.time.Duration.ZERO);
    }
  }

  private static Producer<byte[], byte[]> open(KafkaClient client) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(ProducerConfig.LINGER_MS_CONFIG, "5");
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
    all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    all.putAll(client.reveal());
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
