package io.millrace.jobs.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What the demo tells at its end.
 *
 * @param verdict one sentence: whether the numbers balance
 * @param facts a name and a value each
 */
public record Report(
    String title, boolean balanced, String verdict, List<Fact> facts, List<Table> tables) {

  /** A line beside the tables. */
  public record Fact(String name, String value) {}

  /** A table; columns of numbers are set to the right. */
  public record Table(String title, List<String> columns, List<List<String>> rows) {
    boolean isNumeric(int column) {
      return !rows.isEmpty() && rows.stream().allMatch(row -> isNumber(row.get(column)));
    }
  }

  /**
   * Where the sinks are.
   *
   * @param postgres the database
   * @param kafka the broker
   * @param delta the folder of the Delta table
   */
  public record Places(String postgres, String kafka, String delta) {}

  /**
   * The report of a run.
   *
   * @param kills of the job's driver, in their order
   */
  public static Report of(
      Truth truth, Found found, Places places, List<Fact> facts, List<Crashes.Kill> kills) {
    Balance balance = Balance.of(truth, found);
    long made = truth.made(Topic.IMPRESSIONS) + truth.made(Topic.CLICKS);
    long wrong = balance.lines().stream().filter(line -> !line.holds()).count();
    String verdict =
        balance.holds()
            ? "The numbers balance: every one of " + number(made) + " events is accounted for."
            : "The numbers do NOT balance: "
                + wrong
                + " of "
                + balance.lines().size()
                + " equations are wrong.";
    List<Fact> all = new ArrayList<>(facts);
    all.add(model(truth, found));
    return new Report(
        "Millrace demo",
        balance.holds(),
        verdict,
        List.copyOf(all),
        Stream.of(
                Stream.of(sinks(found, places), events(truth)),
                kills.isEmpty() ? Stream.<Table>empty() : Stream.of(kills(kills)),
                Stream.of(equations(balance)))
            .flatMap(tables -> tables)
            .toList());
  }

  private static Table kills(List<Crashes.Kill> kills) {
    return new Table(
        "How its driver was killed, by kill -9",
        List.of("query", "begun", "done", "in ad_minutes", "so the next start"),
        kills.stream()
            .map(
                kill ->
                    List.of(
                        kill.query(),
                        number(kill.begun()),
                        number(kill.done()),
                        number(kill.written()),
                        kill.moment() == Crashes.Moment.IN_A_BATCH
                            ? "read batch %s again and wrote it".formatted(number(kill.begun()))
                            : "read batch %s again and wrote nothing"
                                .formatted(number(kill.begun()))))
            .toList());
  }

  private static Fact model(Truth truth, Found found) {
    Found.Scored scored = found.scored();
    return new Fact(
        "Model",
        "found %s of %s fraudulent clicks; false alarms: %s"
            .formatted(
                number(scored.caught()),
                number(truth.frauds()),
                number(scored.flagged() - scored.caught())));
  }

  private static Table sinks(Found found, Places places) {
    return new Table(
        "What is in each sink",
        List.of("sink", "what it holds", "rows", "where"),
        List.of(
            List.of(
                "ad_minutes",
                "windows per ad and minute",
                number(found.minutes().size()),
                places.postgres()),
            List.of(
                "scored_clicks",
                "valid clicks with a score",
                number(found.scored().rows()),
                "Kafka " + places.kafka() + ", topic " + Servers.SCORED),
            List.of("raw_events", "events as they came", number(found.allRaw()), places.delta()),
            List.of(
                "dead letters", "what is broken", number(found.allLetters()), places.postgres())));
  }

  private static Table events(Truth truth) {
    List<List<String>> rows = new ArrayList<>();
    for (Sort sort : Sort.values()) {
      rows.add(
          List.of(
              sort.title(),
              number(truth.made(Topic.IMPRESSIONS, sort)),
              number(truth.made(Topic.CLICKS, sort)),
              fate(sort)));
    }
    rows.add(
        List.of(
            "all", number(truth.made(Topic.IMPRESSIONS)), number(truth.made(Topic.CLICKS)), ""));
    return new Table(
        "What was made, and where it went",
        List.of("events", "impressions", "clicks", "where they went, beside raw_events"),
        rows);
  }

  private static String fate(Sort sort) {
    return switch (sort) {
      case GOOD -> "ad_minutes; clicks also scored_clicks";
      case REPEATED -> "left out of ad_minutes by their id; clicks are scored again";
      case LATE -> "left out of ad_minutes by the watermark; clicks are scored";
      case NOT_JSON, WRONG_TYPE, MISSING_FIELD, BROKEN_RULE -> "dead letters, rule " + rules(sort);
      case CLOSING -> "a window that stays open; the click is scored";
    };
  }

  private static String rules(Sort sort) {
    return String.join(
        " or ",
        List.of(sort.rule(Topic.IMPRESSIONS).orElseThrow(), sort.rule(Topic.CLICKS).orElseThrow())
            .stream()
            .distinct()
            .toList());
  }

  private static Table equations(Balance balance) {
    return new Table(
        "Does it add up?",
        List.of("equation", "made", "found", ""),
        balance.lines().stream()
            .map(
                line ->
                    List.of(
                        line.what(),
                        number(line.made()),
                        number(line.found()),
                        line.holds() ? "ok" : "WRONG"))
            .toList());
  }

  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static boolean isNumber(String cell) {
    return cell.matches("-?[0-9][0-9,]*");
  }
}
