package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.KafkaFault;
import io.millrace.engine.spi.Reject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed marks of one sink from its ledger topic, which is there, each time from where
 * it stopped the last time.
 */
final class Marks implements MarkLog {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final LedgerTopic topic;
  private final Identity who;
  private final TopicPartition partition;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, Reject> rejects = new LinkedHashMap<>();
  private Optional<Held> last = Optional.empty();

  Marks(LedgerTopic topic, Identity who) {
    this.topic = topic;
    this.who = who;
    this.partition = topic.partition();
    try {
      this.consumer =
          new KafkaConsumer<>(
              settings(topic), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw unreadable(e);
    }
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /**
   * The same, where all is known up to a position.
   *
   * @param known the last mark before it
   */
  static Marks from(LedgerTopic topic, Identity who, long position, Held known) {
    Marks marks = new Marks(topic, who);
    marks.consumer.seek(marks.partition, position);
    marks.last = Optional.of(known);
    return marks;
  }

  private static Map<String, Object> settings(LedgerTopic topic) {
    Map<String, Object> all = new LinkedHashMap<>(topic.client().asking());
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    // A request for more that waits at the broker would hold up the next question behind it.
    all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "0");
    return all;
  }

  @Override
  public synchronized Optional<Held> last() {
    try {
      read();
      return last;
    } catch (KafkaException e) {
      throw unreadable(e);
    }
  }

  @Override
  public synchronized long position() {
    try {
      return consumer.position(partition);
    } catch (KafkaException e) {
      throw unreadable(e);
    }
  }

  @Override
  public synchronized List<Reject> rejects(long batch) {
    String prefix = LeftOut.prefix(who, batch);
    return rejects.entrySet().stream()
        .filter(reject -> reject.getKey().startsWith(prefix))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public boolean settled() {
    return topic.settled();
  }

  private void read() {
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    if (consumer.position(partition) > end) {
      throw new IllegalStateException(
          "Cannot go on: the ledger topic %s went back in time, from offset %d to %d. Start the job again, which compares it with the checkpoint"
              .formatted(topic.name(), consumer.position(partition), end));
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) < end) {
      consumer.poll(POLL).records(partition).forEach(this::take);
      if (System.nanoTime() > deadline) {
        throw TransactionException.late(
            "Cannot read the ledger topic %s within %d s: at offset %d of %d. Check the brokers"
                .formatted(topic.name(), PATIENCE.toSeconds(), consumer.position(partition), end));
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String key = text(record.key());
    boolean reject = key.startsWith(LeftOut.prefix(who));
    if (!reject && !Arrays.equals(record.key(), Mark.key(who))) {
      throw new IllegalStateException(
          "Cannot use topic %s as the ledger of %s: at offset %d it has a record of %s. Name a topic of its own for each sink in ledger"
              .formatted(topic.name(), text(Mark.key(who)), record.offset(), key));
    }
    try {
      if (reject) {
        takeReject(key, LeftOut.of(record.value()));
      } else {
        last = Optional.of(Mark.of(record.value()));
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "Cannot read the ledger topic %s: at offset %d is no mark. Name another topic in ledger"
              .formatted(topic.name(), record.offset()),
          e);
    }
  }

  private void takeReject(String key, @Nullable Reject reject) {
    if (reject == null) {
      rejects.remove(key);
    } else {
      rejects.put(key, reject);
    }
  }

  private static String text(byte @Nullable [] key) {
    return key == null ? "no key" : new String(key, StandardCharsets.UTF_8);
  }

  private TransactionException unreadable(KafkaException why) {
    return new TransactionException(
        KafkaFault.sentence(topic.client(), "topic " + topic.name(), why), why);
  }

  @Override
  public synchronized void close() {
    consumer.close(Duration.ZERO);
  }
}
