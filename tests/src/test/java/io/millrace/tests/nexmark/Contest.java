package io.millrace.tests.nexmark;

import io.millrace.engine.testing.LocalPostgres;
import io.millrace.tests.bench.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * A query, and plain Spark with the same one.
 *
 * @param ours its job file, as often as it is run; once where nothing is compared
 * @param plain the same by hand, as often; empty where nothing is compared
 */
record Contest(Query query, List<Trial> ours, List<Trial> plain) {
  /**
   * A query over a site, each run of it in a database of its own.
   *
   * @param rival what each run of it is followed by, or follows
   */
  static Contest of(Query query, Site site, LocalPostgres database, Path folder, Rival rival) {
    List<Trial> ours = new ArrayList<>();
    List<Trial> plain = new ArrayList<>();
    if (rival.pairs() == 0 || !PlainWay.runs(query)) {
      ours.add(Trial.ours(query, site, database, folder.resolve(query.word())));
      return new Contest(query, ours, plain);
    }
    for (int pair = 1; pair <= rival.pairs(); pair++) {
      String name = query.word() + "_" + pair;
      LocalPostgres first = database.createDatabase(name);
      LocalPostgres second = database.createDatabase(name + "_plain");
      ours.add(Trial.ours(query, site, first, folder.resolve(name)));
      plain.add(Trial.plain(query, site, second, folder.resolve(name + "_plain"), rival.store()));
    }
    return new Contest(query, ours, plain);
  }

  /** All runs in their order: in every other pair plain Spark goes first. */
  List<Trial> trials() {
    if (plain.isEmpty()) {
      return ours;
    }
    List<Trial> trials = new ArrayList<>();
    for (int pair = 0; pair < ours.size(); pair++) {
      Trial one = ours.get(pair);
      Trial other = plain.get(pair);
      trials.addAll(pair % 2 == 0 ? List.of(one, other) : List.of(other, one));
    }
    return trials;
  }

  /** What came of it, once all has run. */
  Result result() throws SQLException, IOException {
    Optional<Bag> due = query.readsTheClock() ? Optional.empty() : Optional.of(ours.get(0).due());
    return new Result(query, outcomes(ours, due), outcomes(plain, due));
  }

  /**
   * What came of runs.
   *
   * @param due what each has to give; empty if each has to give something else
   */
  private static List<Trial.Outcome> outcomes(List<Trial> trials, Optional<Bag> due)
      throws SQLException, IOException {
    List<Trial.Outcome> outcomes = new ArrayList<>();
    for (Trial trial : trials) {
      outcomes.add(trial.outcome(due.isPresent() ? due.get() : trial.due()));
    }
    return outcomes;
  }

  /** The outcomes of both sides, pair by pair. */
  record Result(Query query, List<Trial.Outcome> ours, List<Trial.Outcome> plain) {
    boolean equal() {
      return both().allMatch(Trial.Outcome::equal);
    }

    /** The first difference from plain Java, on whichever side; empty if there is none. */
    String difference() {
      return both()
          .map(Trial.Outcome::difference)
          .filter(text -> !text.isEmpty())
          .findFirst()
          .orElse("");
    }

    private Stream<Trial.Outcome> both() {
      return Stream.concat(ours.stream(), plain.stream());
    }

    /** Rate and CPU against plain Spark; empty where nothing was compared. */
    List<Line> lines(long events, Map<String, String> about) {
      return plain.isEmpty()
          ? List.of()
          : List.of(
              line("", "rows/s", run -> events / run.seconds(), events, about),
              line("-cpu", "cpu s", Trial.Outcome::cpuSeconds, events, about));
    }

    private Line line(
        String what,
        String unit,
        ToDoubleFunction<Trial.Outcome> measure,
        long events,
        Map<String, String> about) {
      return Line.of(
          "nexmark-" + query.word() + what,
          unit,
          ours.stream().map(measure::applyAsDouble).toList(),
          plain.stream().map(measure::applyAsDouble).toList(),
          equal(),
          events,
          about);
    }
  }
}
