package io.millrace.tests.bench;

import java.util.List;

/**
 * What a child process is asked to run.
 *
 * @param id names tables' folders and topics that belong to this run
 * @param warmEvents that run before the clock starts; 0 for a cold run
 * @param folder is empty and may be filled
 * @param serverProcesses whose CPU time counts, with their descendants
 */
record Order(
    Variant variant,
    String id,
    String servers,
    String url,
    String user,
    String folder,
    long events,
    long warmEvents,
    long batch,
    List<Long> serverProcesses) {
  static final String TOPIC = "bench-events";
  static final String WARM_TOPIC = "bench-warm";

  /** Both once more, with one partition. */
  static final String SINGLE_TOPIC = "bench-single";

  static final String WARM_SINGLE_TOPIC = "bench-single-warm";

  /** Partitions of a topic that is filled while it is read. */
  static final int LIVE_PARTITIONS = 2;

  /** What is read. */
  String topic() {
    if (variant.live()) {
      return sinkTopic("in");
    }
    return variant.single() ? SINGLE_TOPIC : TOPIC;
  }

  /** What is read before the clock starts. */
  String warmTopic() {
    return variant.single() ? WARM_SINGLE_TOPIC : WARM_TOPIC;
  }

  String sinkTopic(String part) {
    return "bench-" + id + "-" + part;
  }
}
