package io.millrace.tests.nexmark;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where queries find the streams of the auction site, which get events bit by bit. */
interface Site {
  String name();

  /** The broker, also for the topics that queries in two parts write. */
  String servers();

  Events events();

  /** The folder of the job files of all queries. */
  Path jobs();

  /** What job files ask for to find the streams. */
  Map<String, String> variables();

  /** Lets the streams have the events from one number to before another. */
  void write(long from, long until);

  /** Lets each stream have its closing event, the last that there is. */
  void close();

  /**
   * Which bids are in each partition of their stream: at each offset the number of an event. None
   * before it is closed.
   */
  List<long[]> bids();
}
