package io.millrace.tests.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends events at a fixed rate, whatever comes back (an open loop), and notes when each came out at
 * the other end. A row that could not be sent in time counts from when it was to be sent.
 */
final class Load implements AutoCloseable {
  /** Events a second. */
  static final int RATE = 2_000;

  /** Events before those, one by one, to see that the job is there. */
  static final int PROBES = 1_000;

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration BETWEEN_PROBES = Duration.ofMillis(500);
  private static final long PERIOD = 1_000_000_000L / RATE;

  private final String servers;
  private final Order order;
  private final Events events;
  private final AtomicLongArray arrived;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread listener = new Thread(this::listen, "bench-listener");
  private volatile boolean closed;

  Load(Order order) {
    this.servers = order.servers();
    this.order = order;
    this.events = new Events(PROBES + order.warmEvents() + order.events());
    this.arrived = new AtomicLongArray((int) events.count());
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    listener.setDaemon(true);
    listener.start();
  }

  /** When rows were to be sent, in milliseconds of the clock, and how long they took. */
  // The arrays are read, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Seen(double[] sent, double[] took) {
    Latencies latencies(List<Long> pauses) {
      return Latencies.of(sent, took, pauses);
    }
  }

  /**
   * Runs against a job that starts meanwhile.
   *
   * @throws IllegalStateException if the job ends, or a row does not come in time
   */
  Seen run(CompletableFuture<Outcome> job) {
    probe(job);
    long clock = System.currentTimeMillis();
    long start = System.nanoTime();
    for (long id = PROBES; id < events.count(); id++) {
      long due = start + (id - PROBES) * PERIOD;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      send(id);
    }
    await(job);
    int[] counted =
        LongStream.range(PROBES + order.warmEvents(), events.count())
            .filter(this::wanted)
            .mapToInt(id -> (int) id)
            .toArray();
    double[] sent = new double[counted.length];
    double[] took = new double[counted.length];
    for (int i = 0; i < counted.length; i++) {
      long after = (counted[i] - PROBES) * PERIOD;
      sent[i] = clock + after / 1e6;
      took[i] = (arrived.get(counted[i]) - start - after) / 1e6;
    }
    return new Seen(sent, took);
  }

  private boolean wanted(long id) {
    return events.at(id).amount() >= Events.LEAST_AMOUNT;
  }

  private void send(long id) {
    byte[] value = Topics.bytes(events.at(id).json());
    int partition = (int) (id % Order.LIVE_PARTITIONS);
    java.util.concurrent.Future<?> unused =
        producer.send(
            new ProducerRecord<>(order.topic(), partition, null, value),
            (sent, problem) -> {
              if (problem != null) {
                failure.compareAndSet(null, problem);
              }
            });
  }

  private void probe(CompletableFuture<Outcome> job) {
    for (long id = 0; id < PROBES && !any(); id++) {
      check(job);
      send(id);
      LockSupport.parkNanos(BETWEEN_PROBES.toNanos());
    }
  }

  private boolean any() {
    return LongStream.range(0, PROBES).anyMatch(id -> arrived.get((int) id) != 0);
  }

  private void await(CompletableFuture<Outcome> job) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (long id = PROBES; id < events.count(); id++) {
      while (wanted(id) && arrived.get((int) id) == 0) {
        check(job);
        if (System.nanoTime() > end) {
          throw new IllegalStateException("Event " + id + " did not come out");
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private void check(CompletableFuture<Outcome> job) {
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("Cannot send or receive events", failed);
    }
    if (job.isDone()) {
      Outcome ended = job.join();
      throw new IllegalStateException("The job ended before the load: " + ended);
    }
  }

  private void listen() {
    ObjectMapper json = new ObjectMapper();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                "false"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(order.sinkTopic("run")).stream()
              .map(found -> new TopicPartition(found.topic(), found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          long now = System.nanoTime();
          int id = json.readTree(record.value()).required("id").intValue();
          arrived.compareAndSet(id, 0, now);
        }
      }
    } catch (IOException | RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  @Override
  public void close() {
    closed = true;
    producer.close();
    try {
      listener.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
