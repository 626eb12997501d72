package io.millrace.tests.torture;

import io.millrace.engine.testing.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The marks of a sink in its ledger topic: what was the last of a key is written behind all. */
final class KafkaBook implements Book {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String servers;
  private final String topic;
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> kept = new HashMap<>();

  KafkaBook(Trial trial, String sink) {
    this.servers = trial.servers();
    this.topic = "millrace-ledger-" + trial.job() + "-" + sink;
  }

  @Override
  public void keep(String name) {
    kept.put(name, Topics.read(servers, topic));
  }

  @Override
  public void putBack(String name) {
    create();
    Map<String, ConsumerRecord<byte[], byte[]>> last = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : kept.getOrDefault(name, List.of())) {
      last.put(new String(record.key(), java.nio.charset.StandardCharsets.UTF_8), record);
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (ConsumerRecord<byte[], byte[]> record : last.values()) {
        producer
            .send(
                new ProducerRecord<>(
                    topic, record.partition(), record.key(), record.value(), record.headers()))
            .get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot write to " + topic, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void create() {
    try (Admin admin = admin()) {
      if (!there(admin)) {
        admin
            .createTopics(
                List.of(
                    new NewTopic(topic, Optional.of(1), Optional.empty())
                        .configs(Map.of("cleanup.policy", "compact"))))
            .all()
            .get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot create " + topic, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void drop() {
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (there(admin)) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(
              "Topic %s is still there, %d s after it was deleted"
                  .formatted(topic, PATIENCE.toSeconds()));
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot delete " + topic, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private boolean there(Admin admin) throws ExecutionException, InterruptedException {
    return admin.listTopics().names().get().contains(topic);
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", servers));
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted", e);
  }
}
