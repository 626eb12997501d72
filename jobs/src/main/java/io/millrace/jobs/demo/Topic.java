package io.millrace.jobs.demo;

import java.util.Locale;

/** The two streams of events. */
public enum Topic {
  IMPRESSIONS("i"),
  CLICKS("c");

  private final String prefix;

  Topic(String prefix) {
    this.prefix = prefix;
  }

  /** The name of the topic, and of the job's source. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The id of an event. */
  String id(int number) {
    return String.format(Locale.ROOT, "%s-%07d", prefix, number);
  }
}
