package io.millrace.tests.bench;

import io.millrace.engine.testing.Folders;
import io.millrace.jobs.Exit;
import io.millrace.tests.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures Millrace beside plain Spark, and prints every ratio, the lost ones too. */
@Command(
    name = "bench",
    description = {
      "Runs Millrace and plain Spark in turn over the same events, each run in a fresh JVM, and"
          + " compares them pair by pair.",
      "Names: decode, jdbc, window, four-sinks, audit, ledger, ladder, score, score-row, latency; all"
          + " if left out.",
      "audit compares our jobs with the same ones that count no row; ledger our sinks with the same"
          + " ones that remember no batch, 10,000 rows a batch; ladder the ways from a DStream to a"
          + " database: a connection of the driver, one per record, one per partition, a pool (at"
          + " most 5,000 events); score a model row by row with transform in foreachBatch, score-row"
          + " the same in batches of one row (at most 300); latency how long a row takes from Kafka to"
          + " Kafka through a model, in real time and in batches, at 2,000 events/s (for a minute)."
    },
    footer = {"", "Example:  spark-submit/millrace bench jdbc window --pairs 5 --json bench.jsonl"},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class Bench implements Callable<Integer> {
  private static final long SHORT_EVENTS = 50_000;
  private static final long LEAST_WARM = 2_000;
  private static final int BATCHES = 4;

  /** Of 10,000 rows behind the filter. */
  private static final long SMALL_BATCH = 11_111;

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "What to compare")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also add a line per comparison to this file, as soon as it is through")
  private Optional<Path> json;

  @Option(
      names = "--pairs",
      defaultValue = "5",
      description = "Runs of each side (${DEFAULT-VALUE})")
  private int pairs;

  @Option(names = "--events", defaultValue = "2000000", description = "Events (${DEFAULT-VALUE})")
  private long events;

  @Option(
      names = "--short",
      description = "One small pair of each, not for its figures but to see that all of it works")
  private boolean brief;

  /** Exits with 5 where a sink did not hold what it should. */
  public static void main(String[] arguments) {
    Tool.run("bench", new Bench(), arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    List<Suite> suites =
        names.isEmpty()
            ? Arrays.asList(Suite.values())
            : names.stream().map(Suite::of).distinct().toList();
    if (pairs < 1 || events < BATCHES) {
      throw new IllegalArgumentException(
          "Expected at least 1 pair and " + BATCHES + " events, found " + pairs + ", " + events);
    }
    int rounds = brief ? 1 : pairs;
    long count = brief ? SHORT_EVENTS : events;
    long warm = brief ? 0 : Math.max(LEAST_WARM, count / 5);
    Map<String, String> about = Tool.about();
    List<Line> lines = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    try (Servers servers = Servers.start()) {
      Tool.say("filling the topics with %,d events of %d bytes", count, Events.BYTES);
      servers.fill(Order.TOPIC, new Events(count));
      if (warm > 0) {
        servers.fill(Order.WARM_TOPIC, new Events(warm));
      }
      if (suites.contains(Suite.SCORE_ROW)) {
        long rows = Suite.SCORE_ROW.events(count);
        servers.fillOne(Order.SINGLE_TOPIC, new Events(rows));
        servers.fillOne(Order.WARM_SINGLE_TOPIC, new Events(rows / 2));
      }
      Child child = new Child(brief ? List.of("-XX:TieredStopAtLevel=1") : List.of());
      for (Suite suite : suites) {
        try {
          List<Suite.Contest> contests = suite.contests(brief);
          long events = suite.events(count);
          Map<Variant, List<Outcome>> runs =
              runs(
                  suite,
                  Suite.variants(contests),
                  rounds,
                  events,
                  suite.warm(warm),
                  servers,
                  child);
          List<Line> compared = Line.of(suite, contests, runs, events, about);
          Tool.append(json, compared.stream().map(Line::json).toList());
          lines.addAll(compared);
        } catch (IllegalStateException failed) {
          failures.add(suite.word() + ": " + failed.getMessage());
          Tool.say("%s", failures.get(failures.size() - 1));
        }
      }
    }
    settings(suites, rounds, count, warm, about);
    Report.print(lines, System.out);
    if (!failures.isEmpty()) {
      System.out.println("Without a result, " + failures.size() + " of " + suites.size() + ":");
      failures.forEach(System.out::println);
      return Exit.FAILED;
    }
    boolean checked = lines.stream().allMatch(Line::checked);
    System.out.println(
        checked
            ? "Next: bench NAME --pairs N for a narrower look at one of them"
            : "A sink did not hold what it should: see above for which run");
    return checked ? Exit.DONE : Exit.UNEQUAL;
  }

  private static Map<Variant, List<Outcome>> runs(
      Suite suite,
      List<Variant> variants,
      int rounds,
      long count,
      long warm,
      Servers servers,
      Child child)
      throws IOException, InterruptedException, SQLException {
    Map<Variant, List<Outcome>> outcomes = new EnumMap<>(Variant.class);
    for (int round = 1; round <= rounds; round++) {
      for (Variant variant : variants) {
        String id = variant.word() + "-" + round;
        Path folder = Folders.temporary("bench-" + id);
        Order order = order(variant, id, folder, count, warm, servers);
        servers.before(order);
        Outcome outcome;
        try {
          outcome = variant.live() ? child.runUnderLoad(order) : child.run(order);
        } finally {
          servers.after(order);
          Folders.delete(folder);
        }
        outcomes.computeIfAbsent(variant, key -> new ArrayList<>()).add(outcome);
        Tool.say(
            "%s %d/%d  %-36s %7.2f s  %s  %6.2f cpu s + %5.2f servers  %5.0f MiB  %s",
            suite.word(),
            round,
            rounds,
            variant.label(),
            outcome.seconds(),
            Optional.ofNullable(outcome.latencies())
                .map(Latencies::text)
                .orElse("%,9.0f rows/s".formatted(count / outcome.seconds())),
            outcome.cpuSeconds(),
            outcome.serverCpuSeconds(),
            outcome.peakMebibytes(),
            outcome.checked() ? "checked" : "WRONG: " + outcome.wrong());
      }
    }
    return outcomes;
  }

  private static Order order(
      Variant variant, String id, Path folder, long count, long warm, Servers servers) {
    return new Order(
        variant,
        id,
        servers.broker().servers(),
        servers.postgres().url(),
        servers.postgres().user(),
        folder.toString(),
        count,
        warm,
        batch(variant, count),
        servers.processes());
  }

  private static long batch(Variant variant, long count) {
    if (variant.single()) {
      return 1;
    }
    if (variant.made()) {
      return count;
    }
    return variant.small() ? SMALL_BATCH : (count + Events.PARTITIONS + BATCHES - 1) / BATCHES;
  }

  private void settings(
      List<Suite> suites, int rounds, long count, long warm, Map<String, String> about) {
    System.out.printf(
        "%n%s%n%,d events of %d bytes in %d partitions, %d batches, %d pairs; warm after %,d"
            + " events; local[2], 2 shuffle partitions, %s%s%n",
        String.join(", ", about.values()),
        count,
        Events.BYTES,
        Events.PARTITIONS,
        BATCHES,
        rounds,
        warm,
        String.join(" ", Child.FLAGS),
        brief ? "; --short: the figures say nothing" : "");
    for (Suite suite : suites) {
      for (Variant variant : Suite.variants(suite.contests(brief))) {
        System.out.printf("  %-36s %s%n", variant.label(), variant.guarantee());
      }
    }
    System.out.println();
  }
}
