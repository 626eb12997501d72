package io.millrace.tests.bench;

import static io.millrace.tests.bench.Measure.CPU;
import static io.millrace.tests.bench.Measure.MEMORY;
import static io.millrace.tests.bench.Measure.P50;
import static io.millrace.tests.bench.Measure.P99;
import static io.millrace.tests.bench.Measure.P99_RUNNING;
import static io.millrace.tests.bench.Measure.RATE;
import static io.millrace.tests.bench.Measure.WORST;

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
  SCORE(RATE),
  SCORE_ROW(RATE),
  LATENCY(P50);

  /** Batches of one row, and a minute of events. */
  private static final int ROWS = 300;

  private static final int LIVE = 60 * Load.RATE;
  private static final int WARM_LIVE = 20 * Load.RATE;

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

  /** All that are told, the first among them. */
  List<Measure> measures() {
    return this == LATENCY
        ? List.of(P50, P99, P99_RUNNING, WORST, CPU, MEMORY)
        : List.of(RATE, CPU, MEMORY);
  }

  /** How many events it runs over, where so many are asked for. */
  long events(long asked) {
    return switch (this) {
      case LADDER -> Math.min(asked, Ladder.EVENTS);
      case SCORE_ROW -> Math.min(asked, ROWS);
      case LATENCY -> Math.min(asked, LIVE);
      default -> asked;
    };
  }

  /** How many events get it warm, where so many do elsewhere; a rate needs some seconds. */
  long warm(long usual) {
    return this == LATENCY ? Math.min(usual, WARM_LIVE) : usual;
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
              new Contest("score-linear", Variant.SCORE_LINEAR_OURS, Variant.SCORE_LINEAR_PLAIN),
              new Contest(
                  "score-forest-alone", Variant.MADE_FOREST_OURS, Variant.MADE_FOREST_PLAIN),
              new Contest(
                  "score-linear-alone", Variant.MADE_LINEAR_OURS, Variant.MADE_LINEAR_PLAIN));
      case SCORE_ROW ->
          List.of(
              new Contest("score-row", Variant.SCORE_ROW_OURS, Variant.SCORE_ROW_PLAIN),
              new Contest("score-row-bare", Variant.SCORE_ROW_OURS, Variant.SCORE_ROW_BARE));
      case LATENCY ->
          List.of(
              new Contest("latency", Variant.LATENCY_REALTIME, Variant.LATENCY_BATCHES),
              new Contest("latency-plain", Variant.LATENCY_REALTIME, Variant.LATENCY_PLAIN));
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
