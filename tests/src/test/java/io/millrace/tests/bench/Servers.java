package io.millrace.tests.bench;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A broker and a database that all runs share, each run finding them as the first did. */
final class Servers implements AutoCloseable {
  private final LocalBroker broker;
  private final LocalPostgres postgres;
  private final List<Long> processes;

  private Servers(LocalBroker broker, LocalPostgres postgres, List<Long> processes) {
    this.broker = broker;
    this.postgres = postgres;
    this.processes = processes;
  }

  static Servers start() throws IOException {
    Path folder = Folders.temporary("bench-servers");
    Set<Long> before = children();
    LocalBroker broker = LocalBroker.start(Files.createDirectories(folder.resolve("broker")));
    Set<Long> processes = new HashSet<>(children());
    processes.removeAll(before);
    try {
      Path data = Files.createDirectories(folder.resolve("postgres"));
      LocalPostgres postgres = LocalPostgres.start(data);
      processes.add(
          Long.valueOf(Files.readAllLines(data.resolve("data/postmaster.pid")).get(0).strip()));
      return new Servers(broker, postgres, List.copyOf(processes));
    } catch (IOException | RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  private static Set<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
  }

  LocalBroker broker() {
    return broker;
  }

  LocalPostgres postgres() {
    return postgres;
  }

  /** The broker's and the database's. */
  List<Long> processes() {
    return processes;
  }

  /** Writes events over all partitions of a new topic, and a closing event into each. */
  void fill(String topic, Events events) {
    fill(topic, Events.PARTITIONS, events, Events.PARTITIONS);
  }

  /** Writes events into the one partition of a new topic. */
  void fillOne(String topic, Events events) {
    fill(topic, 1, events, 0);
  }

  private void fill(String topic, int partitions, Events events, int closing) {
    broker.createTopic(topic, partitions);
    Topics.fill(
        broker.servers(),
        LongStream.range(0, events.count() + closing)
            .mapToObj(id -> record(topic, partitions, events, id)));
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, int partitions, Events events, long id) {
    Events.Event event =
        id < events.count() ? events.at(id) : events.closing((int) (id - events.count()));
    int partition = (int) (id % partitions);
    return new ProducerRecord<>(topic, partition, null, Topics.bytes(event.json()));
  }

  private Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.servers()));
  }

  /** Creates what a run writes to, and settles what the one before left to do. */
  void before(Order order) {
    if (order.variant().topic()) {
      sinkTopics(order).forEach(topic -> broker.createTopic(topic, Events.PARTITIONS));
    }
    if (order.variant().live()) {
      broker.createTopic(order.topic(), Order.LIVE_PARTITIONS);
    }
    postgres.execute("checkpoint");
  }

  private static List<String> sinkTopics(Order order) {
    return List.of(order.sinkTopic("warm"), order.sinkTopic("run"));
  }

  /** Deletes what a run wrote. */
  void after(Order order) throws InterruptedException {
    postgres.execute("drop schema public cascade");
    postgres.execute("create schema public");
    if (order.variant().topic()) {
      try (Admin admin = admin()) {
        List<String> topics = new ArrayList<>(sinkTopics(order));
        if (order.variant().live()) {
          topics.add(order.topic());
        }
        admin.deleteTopics(topics).all().get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("Cannot delete the topics of run " + order.id(), e);
      }
    }
  }

  @Override
  public void close() {
    postgres.close();
    broker.close();
  }
}
