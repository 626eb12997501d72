package io.millrace.engine.source;

import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Shorthand;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A place in topics: an end of them, an offset per partition, or a time. */
public record KafkaPosition(
    @Doc("earliest or latest.") @Shorthand Optional<Bound> at,
    @Doc("Topic, partition and offset, for example clicks: {0: 12}. Others: from or to the end.")
        Map<String, Map<String, Long>> offsets,
    @Doc("The first record of this time or later, for example 2026-01-01T00:00:00Z.")
        Optional<String> timestamp) {

  /** One end of a topic. */
  public enum Bound {
    EARLIEST,
    LATEST
  }

  /** Which side of a read it bounds. */
  enum Edge {
    START("starting", "-2"),
    END("ending", "-1");

    private final String prefix;
    private final String open;

    Edge(String prefix, String open) {
      this.prefix = prefix;
      this.open = open;
    }
  }

  public KafkaPosition {
    long given =
        Stream.of(at.isPresent(), !offsets.isEmpty(), timestamp.isPresent())
            .filter(each -> each)
            .count();
    if (given != 1) {
      throw new IllegalArgumentException(
          "Expected one of earliest, latest, {offsets: {clicks: {0: 12}}} and {timestamp: …}, found "
              + given);
    }
    timestamp.ifPresent(KafkaPosition::millis);
    offsets.forEach(
        (topic, partitions) ->
            partitions.forEach((partition, offset) -> requireOffset(topic, partition, offset)));
  }

  private static void requireOffset(String topic, String partition, long offset) {
    if (!partition.matches("[0-9]{1,9}") || offset < 0) {
      throw new IllegalArgumentException(
          "Expected a partition and its offset for topic %s, both 0 or more, found %s: %d"
              .formatted(topic, partition, offset));
    }
  }

  private static long millis(String time) {
    try {
      return Instant.parse(time).toEpochMilli();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "Expected a time such as 2026-01-01T00:00:00Z, found '" + time + "'", e);
    }
  }

  /**
   * Spark's options; partitions without an offset are read from their beginning or to their end.
   */
  Map<String, String> options(Edge edge, KafkaTopics topics) {
    Map<String, String> options = new TreeMap<>();
    at.ifPresent(
        bound ->
            options.put(edge.prefix + "Offsets", bound.name().toLowerCase(java.util.Locale.ROOT)));
    timestamp.ifPresent(
        time -> {
          options.put(edge.prefix + "Timestamp", String.valueOf(millis(time)));
          if (edge == Edge.START) {
            options.put("startingOffsetsByTimestampStrategy", "latest");
          }
        });
    if (!offsets.isEmpty()) {
      options.put(edge.prefix + "Offsets", json(edge, topics));
    }
    return options;
  }

  private String json(Edge edge, KafkaTopics topics) {
    requireKnown(topics);
    return topics.partitions().entrySet().stream()
        .map(
            topic ->
                "\"" + topic.getKey() + "\":{" + json(edge, topic.getKey(), topic.getValue()) + "}")
        .collect(Collectors.joining(",", "{", "}"));
  }

  private String json(Edge edge, String topic, int partitions) {
    Map<String, Long> given = offsets.getOrDefault(topic, Map.of());
    return java.util.stream.IntStream.range(0, partitions)
        .mapToObj(String::valueOf)
        .map(
            partition ->
                "\"%s\":%s"
                    .formatted(
                        partition, given.containsKey(partition) ? given.get(partition) : edge.open))
        .collect(Collectors.joining(","));
  }

  private void requireKnown(KafkaTopics topics) {
    offsets.forEach(
        (topic, partitions) -> {
          int known = topics.partitions().getOrDefault(topic, 0);
          partitions
              .keySet()
              .forEach(
                  partition -> {
                    if (Integer.parseInt(partition) >= known) {
                      throw new IllegalStateException(
                          "Unknown partition %s of topic %s. It has %d partitions that are read"
                              .formatted(partition, topic, known));
                    }
                  });
        });
  }
}
