package io.millrace.tests.bench;

import static io.millrace.tests.bench.Measure.CPU;
import static io.millrace.tests.bench.Measure.RATE;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Variants that run in turn, and which of them are compared. */
enum Suite {
  DECODE(RATE),
  JDBC(RATE),
  WINDOW(RATE),
  FOUR_SINKS(CPU),
  AUDIT(CPU),
  LEDGER(RATE),
  LADDER(RATE),
  SCORE(RATE);

  private final Measure first;

  Suite(Measure first) {
    this.first = first;
  }

  /** Two variants under a name. */
  record Contest(String name, Variant ours, Variant theirs) {}

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The measure that bears the contest's bare name. */
  Measure first() {
    return first;
  }

  /** How many events it runs over, where so many are asked for. */
  long events(long asked) {
    return this == LADDER ? Math.min(asked, Ladder.EVENTS) : asked;
  }

  /** All of them, or the first alone. */
  List<Contest> contests(boolean brief) {
    return brief ? contests().subList(0, 1) : contests();
  }

  private List<Contest> contests() {
    return switch (this) {
      case DECODE -> List.of(new Contest("decode", Variant.DECODE_OURS, Variant.DECODE_PLAIN));
      case JDBC ->
          List.of(
              new Contest("jdbc", Variant.JDBC_OURS, Variant.JDBC_PLAIN),
              new Contest("jdbc-rewritten", Variant.JDBC_OURS, Variant.JDBC_PLAIN_REWRITTEN));
      case WINDOW ->
          List.of(
              new Contest("window", Variant.WINDOW_OURS, Variant.WINDOW_PLAIN),
              new Contest("window-rocksdb", Variant.WINDOW_OURS, Variant.WINDOW_PLAIN_ROCKSDB));
      case AUDIT ->
          List.of(
              new Contest("audit", Variant.JDBC_OURS, Variant.JDBC_UNCOUNTED),
              new Contest("audit-window", Variant.WINDOW_OURS, Variant.WINDOW_UNCOUNTED));
      case FOUR_SINKS -> List.of(new Contest("four-sinks", Variant.FOUR_SINKS, Variant.ONE_SINK));
      case LEDGER ->
          List.of(
              new Contest("ledger-jdbc", Variant.LEDGER_JDBC, Variant.LEDGERLESS_JDBC),
              new Contest("ledger-delta", Variant.LEDGER_DELTA, Variant.LEDGERLESS_DELTA),
              new Contest("ledger-kafka", Variant.LEDGER_KAFKA, Variant.LEDGERLESS_KAFKA),
              new Contest("ledger-kafka-loose", Variant.LEDGER_KAFKA, Variant.LOOSE_KAFKA));
      case LADDER ->
          List.of(
              new Contest("ladder-partition", Variant.LADDER_POOL, Variant.LADDER_PARTITION),
              new Contest("ladder-record", Variant.LADDER_POOL, Variant.LADDER_RECORD),
              new Contest("ladder-driver", Variant.LADDER_POOL, Variant.LADDER_DRIVER));
      case SCORE ->
          List.of(
              new Contest("score-forest", Variant.SCORE_FOREST_OURS, Variant.SCORE_FOREST_PLAIN),
              new Contest("score-linear", Variant.SCORE_LINEAR_OURS, Variant.SCORE_LINEAR_PLAIN));
    };
  }

  /** In the order in which a round runs them. */
  static List<Variant> variants(List<Contest> contests) {
    return contests.stream()
        .flatMap(contest -> Stream.of(contest.ours(), contest.theirs()))
        .distinct()
        .toList();
  }

  static Suite of(String word) {
    return Arrays.stream(values())
        .filter(suite -> suite.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown benchmark "
                        + word
                        + ". Known are: "
                        + String.join(", ", Arrays.stream(values()).map(Suite::word).toList())));
  }
}
