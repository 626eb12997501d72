package io.millrace.tests.torture;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A topic of one partition, read on by a consumer of committed records: how far that can read is
 * always the end of a batch.
 */
final class KafkaTable implements Table {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration POLL = Duration.ofMillis(100);

  private final String servers;
  private final TopicPartition partition;
  private final String sink;
  private final Part part;
  private final List<Entry> seen = new ArrayList<>();
  private Sums sums = Sums.NONE;
  private String query = "";
  private long batch = -1;
  private long next;
  private @Nullable KafkaConsumer<byte[], byte[]> open;

  KafkaTable(Trial trial, String sink, Part part) {
    this.servers = trial.servers();
    this.partition = new TopicPartition(topic(trial.job(), part), 0);
    this.sink = sink;
    this.part = part;
  }

  static String topic(String job, Part part) {
    return job + "-" + part.word();
  }

  @Override
  public String sink() {
    return sink;
  }

  @Override
  public Part part() {
    return part;
  }

  @Override
  public synchronized List<Look> look() {
    KafkaConsumer<byte[], byte[]> consumer = consumer();
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long last = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) < end) {
      if (System.nanoTime() > last) {
        throw new IllegalStateException(
            "Cannot read %s to %d within %d s: it is at %d"
                .formatted(partition, end, PATIENCE.toSeconds(), consumer.position(partition)));
      }
      consumer.poll(POLL).records(partition).forEach(this::take);
    }
    next = consumer.position(partition);
    return batch < 0 ? List.of() : List.of(new Look(part, query, batch, sums));
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    query = header(record, "millrace-query");
    batch = Long.parseLong(header(record, "millrace-batch"));
    Entry entry = entry(record.value());
    seen.add(entry);
    sums = sums.plus(entry);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private Entry entry(byte[] value) {
    try {
      return Entry.json(part, JSON.readTree(value));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read a record of " + partition, e);
    }
  }

  /** The same one each time, from where it stopped. */
  private KafkaConsumer<byte[], byte[]> consumer() {
    KafkaConsumer<byte[], byte[]> consumer = open;
    if (consumer == null) {
      Map<String, Object> settings =
          Map.of(
              ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
              servers,
              ConsumerConfig.ISOLATION_LEVEL_CONFIG,
              IsolationLevel.READ_COMMITTED.toString(),
              ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
              "none",
              ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
              "false");
      consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      consumer.assign(List.of(partition));
      consumer.seek(partition, next);
      open = consumer;
    }
    return consumer;
  }

  @Override
  public synchronized List<Entry> entries() {
    List<Look> unused = look();
    return List.copyOf(seen);
  }

  @Override
  public synchronized void close() {
    KafkaConsumer<byte[], byte[]> consumer = open;
    open = null;
    if (consumer != null) {
      consumer.close(Duration.ZERO);
    }
  }
}
