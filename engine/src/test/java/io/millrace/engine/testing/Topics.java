package io.millrace.engine.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills and reads topics with a plain client. */
public final class Topics {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration DECISION = Duration.ofSeconds(20);

  private Topics() {}

  /** Writes values without a key, in order, and waits until all are there. */
  public static void write(String servers, String topic, String... values) {
    write(
        servers,
        Arrays.stream(values)
            .map(value -> new ProducerRecord<byte[], byte[]>(topic, bytes(value)))
            .toList());
  }

  /** Writes records with all that they may have, and waits until all are there. */
  public static void write(String servers, List<ProducerRecord<byte[], byte[]>> records) {
    Map<String, Object> settings =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers, ProducerConfig.ACKS_CONFIG, "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      records.forEach(record -> sent.add(producer.send(record)));
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot write to " + servers, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while writing to " + servers, e);
    }
  }

  /** Writes many records as they come, in large requests, and waits until all are there. */
  @SuppressWarnings("FutureReturnValueIgnored") // The callback hears of every problem.
  public static void fill(String servers, Stream<ProducerRecord<byte[], byte[]>> records) {
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            servers,
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.LINGER_MS_CONFIG,
            20,
            ProducerConfig.BATCH_SIZE_CONFIG,
            1 << 18);
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      records.forEach(
          record ->
              producer.send(
                  record,
                  (sent, problem) -> {
                    if (problem != null) {
                      failure.compareAndSet(null, problem);
                    }
                  }));
      producer.flush();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("Cannot write to " + servers, failure.get());
    }
  }

  /** All committed records that a topic holds now, partition by partition in order. */
  public static List<ConsumerRecord<byte[], byte[]>> read(String servers, String topic) {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(found -> new TopicPartition(topic, found.partition()))
              .sorted(java.util.Comparator.comparingInt(TopicPartition::partition))
              .toList();
      List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
      for (TopicPartition partition : partitions) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        while (consumer.position(partition) < end) {
          all.addAll(consumer.poll(POLL).records(partition));
        }
      }
      return all;
    }
  }

  /**
   * Waits until nothing in a topic is open: after a commit is acknowledged, the brokers still have
   * to tell each partition.
   */
  public static void awaitDecided(String servers, String topic) {
    long deadline = System.nanoTime() + DECISION.toNanos();
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers))) {
      while (!ends(admin, topic, IsolationLevel.READ_COMMITTED)
          .equals(ends(admin, topic, IsolationLevel.READ_UNCOMMITTED))) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("A transaction stays open in topic " + topic);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot look at topic " + topic + " of " + servers, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while looking at " + servers, e);
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String topic, IsolationLevel level)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
        .flatMap(described -> described.partitions().stream())
        .forEach(
            partition ->
                latest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(latest, new ListOffsetsOptions(level))
        .all()
        .get()
        .forEach((partition, found) -> ends.put(partition, found.offset()));
    return ends;
  }

  /** The values of {@link #read} as text. */
  public static List<String> values(String servers, String topic) {
    return read(servers, topic).stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  /** A text in UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
