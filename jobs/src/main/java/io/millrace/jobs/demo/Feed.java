package io.millrace.jobs.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends what the generator makes, and tells of each event that the broker has acknowledged. */
public final class Feed implements AutoCloseable {
  private static final int PORTIONS = 10;

  private final KafkaProducer<byte[], byte[]> producer;
  private final Generator generator;
  private final int rate;

  /**
   * A feed of a broker.
   *
   * @param rate events per second
   */
  public Feed(String servers, Generator generator, int rate) {
    this.generator = generator;
    this.rate = rate;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.LINGER_MS_CONFIG, "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Sends at the rate until the time is over or the thread is interrupted. */
  public void run(Duration howLong, Supplier<Optional<Instant>> closed, Consumer<Event> sent)
      throws InterruptedException {
    int portion = Math.max(1, rate / PORTIONS);
    long begun = System.nanoTime();
    long portions = howLong.toNanos() / 1_000_000 * rate / 1_000 / portion;
    for (long i = 0; i < portions && System.nanoTime() - begun < howLong.toNanos(); i++) {
      long due = begun + i * portion * 1_000_000_000L / rate;
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      send(generator.next(portion, closed.get()), sent);
    }
  }

  /** Sends the late events that were due before there was a watermark. */
  public void sendLate(Instant closed, Consumer<Event> sent) throws InterruptedException {
    send(generator.late(closed), sent);
  }

  /** Sends the event of each topic that closes all windows. */
  public void sendClosing(Consumer<Event> sent) throws InterruptedException {
    send(generator.closing(), sent);
  }

  /** When it returns, every reader sees the events. */
  private void send(List<Event> events, Consumer<Event> sent) throws InterruptedException {
    List<Future<RecordMetadata>> pending = new ArrayList<>();
    for (Event event : events) {
      pending.add(
          producer.send(
              new ProducerRecord<>(
                  event.topic().title(), bytes(event.ad()), bytes(event.payload()))));
    }
    producer.flush();
    try {
      for (int i = 0; i < events.size(); i++) {
        pending.get(i).get();
        sent.accept(events.get(i));
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot send events to Kafka: " + e.getCause(), e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
