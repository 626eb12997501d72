package io.millrace.tests.torture;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Fills the topic while the job runs, in chunks: a chunk is sent when the one before is in the
 * topic, so no partition gets ahead of another by more than the watermark allows.
 */
final class Feeder implements AutoCloseable {
  private static final long PAUSE_MILLIS = 40;

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final Workload workload;
  private final int chunk;
  private final Map<Integer, Long> ends = new HashMap<>();
  private final Thread thread = new Thread(this::run, "feeder");
  private long allowed;
  private long sent;
  private boolean closed;
  private @Nullable RuntimeException failure;

  /** Sends nothing yet. */
  Feeder(String servers, String topic, Workload workload, int chunk) {
    Map<String, Object> settings =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers, ProducerConfig.ACKS_CONFIG, "all");
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    this.topic = topic;
    this.workload = workload;
    this.chunk = chunk;
    thread.setDaemon(true);
    thread.start();
  }

  /** Lets it send so many records more, in its own time. */
  synchronized void allow(long records) {
    allowed += records;
    notifyAll();
  }

  /** Waits until all that was allowed is in the topic. */
  synchronized void await() throws InterruptedException {
    long end = System.nanoTime() + Torment.PATIENCE.toNanos();
    while (sent < allowed && failure == null) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "Cannot fill topic %s within %d s: %d of %d records are there"
                .formatted(topic, Torment.PATIENCE.toSeconds(), sent, allowed));
      }
      wait(Torment.PATIENCE.toMillis());
    }
    if (failure != null) {
      throw failure;
    }
  }

  synchronized long allowed() {
    return allowed;
  }

  synchronized long sent() {
    return sent;
  }

  /** The offset behind the last record, by partition, of all that was sent so far. */
  synchronized Map<Integer, Long> ends() {
    return Map.copyOf(ends);
  }

  /** Closes every window, in each partition. */
  void end() throws InterruptedException {
    await();
    long records = sent();
    send(
        IntStream.range(0, Workload.PARTITIONS)
            .mapToObj(partition -> Workload.closing(records, partition))
            .toList(),
        records);
  }

  private void run() {
    try {
      for (long next = next(); next > 0; next = next()) {
        long from = sent();
        send(workload.values(from, from + next), from);
        done(next);
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (RuntimeException e) {
      fail(e);
    } catch (InterruptedException e) {
      fail(new IllegalStateException("Interrupted while filling " + topic, e));
    }
  }

  /** Waits until it may send; the size of the next chunk, or 0 once it is closed. */
  private synchronized long next() throws InterruptedException {
    while (sent == allowed && !closed) {
      wait();
    }
    return closed ? 0 : Math.min(chunk, allowed - sent);
  }

  private synchronized void done(long records) {
    sent += records;
    notifyAll();
  }

  private synchronized void fail(RuntimeException problem) {
    failure = problem;
    notifyAll();
  }

  private void send(List<String> values, long number) throws InterruptedException {
    List<Future<RecordMetadata>> all =
        IntStream.range(0, values.size())
            .mapToObj(
                i ->
                    producer.send(
                        new ProducerRecord<>(
                            topic,
                            (int) ((number + i) % Workload.PARTITIONS),
                            null,
                            values.get(i).getBytes(StandardCharsets.UTF_8))))
            .toList();
    for (Future<RecordMetadata> each : all) {
      try {
        RecordMetadata there = each.get();
        reached(there.partition(), there.offset() + 1);
      } catch (ExecutionException e) {
        throw new IllegalStateException("Cannot fill topic " + topic, e);
      }
    }
  }

  private synchronized void reached(int partition, long end) {
    ends.merge(partition, end, Math::max);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    producer.close();
  }
}
