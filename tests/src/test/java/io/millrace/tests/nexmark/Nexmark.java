package io.millrace.tests.nexmark;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.Exit;
import io.millrace.tests.Tool;
import io.millrace.tests.bench.Line;
import io.millrace.tests.bench.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the queries of Nexmark, and holds each result against plain Java. */
@Command(
    name = "nexmark",
    description = {
      "Writes the events of Nexmark's auction site to a broker, runs each query's job file from"
          + " conf/nexmark over the first half, starts it again on its checkpoint over the rest,"
          + " and compares its final table in a database with what plain Java makes of the events."
          + " Spark gets two cores.",
      "With --plain each query that plain Spark gives is also run as one writes it by hand: in turns,"
          + " in the same JVM, over the same topics, both held against plain Java.",
      "With --direct events are made where a query reads them, without a broker; q4 and q6 have one"
          + " for what their first half tells the second.",
      "Queries: q0 to q23; all if left out."
    },
    footer = {
      "",
      "Ends with 0 if all results are equal, else with 5.",
      "",
      "Example:  spark-submit/millrace nexmark q5 q9 --events 1000000"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class Nexmark implements Callable<Integer> {
  @Parameters(paramLabel = "QUERY", arity = "0..*", description = "What to run")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--events",
      defaultValue = "1000000",
      description = "How many events there are (${DEFAULT-VALUE})")
  private long count;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Makes the same events again (${DEFAULT-VALUE})")
  private long seed;

  @Option(names = "--direct", description = "Read events without a broker")
  private boolean direct;

  @Option(
      names = "--plain",
      paramLabel = "PAIRS",
      defaultValue = "0",
      description = "Compare with plain Spark, by so many runs of each side")
  private int pairs;

  @Option(
      names = "--plain-store",
      paramLabel = "STORE",
      defaultValue = "heap",
      description =
          "Where plain Spark keeps its state: heap, its default, or rocksdb, as job files have it"
              + " (${DEFAULT-VALUE})")
  private Rival.Store store;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also add a line per comparison with plain Spark to this file")
  private Optional<Path> json;

  /** Exits with 5 where a result is not what it should be. */
  public static void main(String[] arguments) {
    Tool.run("nexmark", new Nexmark(), arguments);
  }

  @Override
  public Integer call() throws IOException, SQLException {
    List<Query> queries = Query.of(names);
    if (count < 2) {
      throw new IllegalArgumentException("Expected at least 2 events, found " + count);
    }
    if (pairs < 0) {
      throw new IllegalArgumentException("Expected 0 or more pairs, found " + pairs);
    }
    if (direct && pairs > 0) {
      throw new IllegalArgumentException(
          "Cannot use --plain with --direct: plain Spark reads Kafka. Leave one of them out");
    }
    List<Contest.Result> results = results(queries, Folders.temporary("nexmark"));
    print(results);
    List<Line> lines =
        results.stream().flatMap(result -> result.lines(count, about()).stream()).toList();
    if (!lines.isEmpty()) {
      System.out.println();
      Report.print(lines, System.out);
      Tool.append(json, lines.stream().map(Line::json).toList());
    }
    return results.stream().allMatch(Contest.Result::equal) ? Exit.DONE : Exit.UNEQUAL;
  }

  private Map<String, String> about() {
    Map<String, String> about = Tool.about();
    about.put("plain-store", store.name().toLowerCase(Locale.ROOT));
    about.put("seed", Long.toString(seed));
    return about;
  }

  private List<Contest.Result> results(List<Query> queries, Path folder)
      throws IOException, SQLException {
    Events events = new Events(count, seed);
    try (LocalPostgres postgres =
        LocalPostgres.start(Files.createDirectories(folder.resolve("postgres")))) {
      if (direct && queries.stream().noneMatch(Query::inTwoParts)) {
        Site site = DirectSite.open(Optional.empty(), "nexmark", events, folder);
        return run(queries, site, postgres, folder, new Rival(pairs, store));
      }
      try (LocalBroker broker =
          LocalBroker.start(Files.createDirectories(folder.resolve("broker")))) {
        Site site =
            direct
                ? DirectSite.open(Optional.of(broker), "nexmark", events, folder)
                : KafkaSite.open(broker, "nexmark", events);
        return run(queries, site, postgres, folder, new Rival(pairs, store));
      }
    }
  }

  /**
   * Each query over the first half of the events, then over the rest. The second part of a query in
   * two parts reads in a third run what the first part told in the second.
   *
   * @param rival what each is run against
   */
  static List<Contest.Result> run(
      List<Query> queries, Site site, LocalPostgres database, Path folder, Rival rival)
      throws IOException, SQLException {
    List<Contest> contests =
        queries.stream().map(query -> Contest.of(query, site, database, folder, rival)).toList();
    List<Trial> trials = contests.stream().flatMap(contest -> contest.trials().stream()).toList();
    long events = site.events().count();
    // The first query is not charged with the start of Spark.
    Sessions.spark().range(events).selectExpr("sum(id)").collect();
    Tool.say("writing %,d events", events / 2);
    site.write(0, events / 2);
    trials.forEach(trial -> run(trial, "over the first half"));
    Tool.say("writing the rest");
    site.write(events / 2, events);
    site.close();
    trials.forEach(trial -> run(trial, "again, over the rest"));
    trials.stream()
        .filter(Trial::inTwoParts)
        .forEach(trial -> run(trial, "again, over what its first part has told"));
    List<Contest.Result> results = new ArrayList<>();
    for (Contest contest : contests) {
      results.add(contest.result());
    }
    return results;
  }

  private static void run(Trial trial, String what) {
    Tool.say("%s %s", trial.query().word(), what);
    trial.run();
  }

  private void print(List<Contest.Result> results) {
    System.out.printf(
        Locale.ROOT,
        "%n%-5s %12s %9s %9s %12s %12s%n",
        "query",
        "events/s",
        "seconds",
        "CPU s",
        "state rows",
        "result rows");
    for (Contest.Result result : results) {
      Trial.Outcome first = result.ours().get(0);
      System.out.printf(
          Locale.ROOT,
          "%-5s %,12.0f %9.1f %9.1f %,12d %,12d  %s%n",
          result.query().word(),
          count / first.seconds(),
          first.seconds(),
          first.cpuSeconds(),
          first.stateRows(),
          first.rows(),
          result.equal() ? "equal" : "NOT EQUAL: " + result.difference());
    }
  }
}
