package io.millrace.tests.nexmark;

import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Topics;
import io.millrace.tests.Jobs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The auction site's topics. Events of a kind go to its partitions by turns, so each partition has
 * them in the order of their numbers.
 */
final class KafkaSite implements Site {
  private static final int PARTITIONS = 2;

  private final LocalBroker broker;
  private final String name;
  private final Events events;
  private final Map<String, Long> written = new HashMap<>();

  private final List<LongStream.Builder> told =
      Stream.generate(LongStream::builder).limit(PARTITIONS).toList();
  private List<long[]> bids = List.of();

  private KafkaSite(LocalBroker broker, String name, Events events) {
    this.broker = broker;
    this.name = name;
    this.events = events;
  }

  /**
   * Empty topics, for the halves of queries in two parts too.
   *
   * @param name what the names of its topics begin with
   */
  static KafkaSite open(LocalBroker broker, String name, Events events) {
    KafkaSite site = new KafkaSite(broker, name, events);
    List.of("persons", "auctions", "bids", "q4-winning", "q6-winning")
        .forEach(topic -> broker.createTopic(site.topic(topic), PARTITIONS));
    return site;
  }

  private String topic(String what) {
    return name + "-" + what;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String servers() {
    return broker.servers();
  }

  @Override
  public Events events() {
    return events;
  }

  @Override
  public Path jobs() {
    return Jobs.folder("conf/nexmark");
  }

  @Override
  public Map<String, String> variables() {
    return Map.of("SITE", name, "KAFKA", servers());
  }

  @Override
  public void write(long from, long until) {
    write(LongStream.range(from, until).mapToObj(events::at));
  }

  @Override
  public void close() {
    write(events.closing().stream());
    bids = told.stream().map(numbers -> numbers.build().toArray()).toList();
  }

  private void write(Stream<Events.Event> some) {
    Topics.fill(broker.servers(), some.map(this::record));
  }

  private ProducerRecord<byte[], byte[]> record(Events.Event event) {
    String topic = topic(event);
    int partition = (int) ((written.merge(topic, 1L, Long::sum) - 1) % PARTITIONS);
    if (event instanceof Events.Bid) {
      told.get(partition).add(event.number());
    }
    return new ProducerRecord<>(
        topic, partition, null, event.json().getBytes(StandardCharsets.US_ASCII));
  }

  private String topic(Events.Event event) {
    if (event instanceof Events.Person) {
      return topic("persons");
    }
    return topic(event instanceof Events.Auction ? "auctions" : "bids");
  }

  @Override
  public List<long[]> bids() {
    return bids;
  }
}
