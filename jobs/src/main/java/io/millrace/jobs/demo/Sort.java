package io.millrace.jobs.demo;

import java.util.Optional;

/** What an event was made to be. */
public enum Sort {
  GOOD("as they should be"),
  REPEATED("sent a second time"),
  LATE("later than the watermark allows"),
  NOT_JSON("cut off, no JSON any more"),
  WRONG_TYPE("a word where a number belongs"),
  MISSING_FIELD("without their id"),
  BROKEN_RULE("a negative number, against a rule"),
  CLOSING("one at the end, which closes all windows");

  private final String title;

  Sort(String title) {
    this.title = title;
  }

  /** What to call such events in a table. */
  public String title() {
    return title;
  }

  /** The rule that its dead letters name; empty if it is a valid event. */
  public Optional<String> rule(Topic topic) {
    return switch (this) {
      case NOT_JSON, WRONG_TYPE -> Optional.of("decode");
      case MISSING_FIELD -> Optional.of("not_null");
      case BROKEN_RULE ->
          Optional.of(topic == Topic.CLICKS ? "dwell_not_negative" : "price_not_negative");
      case GOOD, REPEATED, LATE, CLOSING -> Optional.empty();
    };
  }

  /** Whether it can be decoded and breaks no rule. */
  public boolean valid() {
    return rule(Topic.CLICKS).isEmpty();
  }
}
