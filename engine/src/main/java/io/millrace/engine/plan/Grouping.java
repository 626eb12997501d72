package io.millrace.engine.plan;

import io.millrace.engine.spi.Mode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Sinks to queries. Sinks share a query when trigger, output mode and root are equal; the dead
 * letters of a source have one owner, and so have the late rows of a step, which is one of the
 * queries that have its state.
 */
final class Grouping {
  private final Graph graph;
  private final Set<String> stateful;
  private final boolean keepsDeadLetters;
  private final Predicate<Plan.Query> carries;

  Grouping(Graph graph, Set<String> stateful, boolean keepsDeadLetters) {
    this(graph, stateful, keepsDeadLetters, query -> query.mode() != Mode.COMPLETE);
  }

  private Grouping(
      Graph graph, Set<String> stateful, boolean keepsDeadLetters, Predicate<Plan.Query> carries) {
    this.graph = graph;
    this.stateful = stateful;
    this.keepsDeadLetters = keepsDeadLetters;
    this.carries = carries;
  }

  /** The same, where dead letters of what is above a step with state have a query of their own. */
  Grouping withLettersApart() {
    return new Grouping(graph, stateful, keepsDeadLetters, query -> false);
  }

  private record Key(String root, Mode mode, Plan.Trigger trigger) {}

  List<Plan.Query> queries(List<Plan.Output> outputs) {
    Map<Key, List<String>> groups = new LinkedHashMap<>();
    for (Plan.Output output : outputs) {
      groups.computeIfAbsent(key(output), key -> new ArrayList<>()).add(output.name());
    }
    List<Plan.Query> queries = new ArrayList<>();
    Set<String> taken = new LinkedHashSet<>();
    groups.forEach(
        (key, names) ->
            queries.add(
                new Plan.Query(
                    name(key, taken),
                    key.root(),
                    isStateful(key.root()),
                    List.copyOf(names),
                    List.of(),
                    key.mode(),
                    key.trigger())));
    return keepsDeadLetters ? withTags(queries, outputs, taken) : queries;
  }

  private Key key(Plan.Output output) {
    String root = graph.root(output.from(), stateful);
    Mode mode = isStateful(root) ? output.how().mode() : Mode.APPEND;
    return new Key(root, mode, output.trigger());
  }

  private boolean isStateful(String root) {
    return graph.upstream(root).stream().filter(graph::streams).anyMatch(stateful::contains);
  }

  /** The root's name; the mode and the trigger only where they must tell two queries apart. */
  private static String name(Key key, Set<String> taken) {
    String name = key.root();
    if (key.mode() != Mode.APPEND) {
      name += "_" + key.mode().name().toLowerCase(Locale.ROOT);
    }
    if (taken.contains(name)) {
      name += "_" + suffix(key.trigger());
    }
    taken.add(name);
    return name;
  }

  private static String suffix(Plan.Trigger trigger) {
    if (trigger instanceof Plan.Trigger.Every every) {
      return "every_" + every.interval().toMillis() + "ms";
    }
    return trigger instanceof Plan.Trigger.RealTime ? "realtime" : "available_now";
  }

  private List<Plan.Query> withTags(
      List<Plan.Query> queries, List<Plan.Output> outputs, Set<String> taken) {
    List<Plan.Query> all = new ArrayList<>(queries);
    for (String tag : tags(outputs)) {
      String root = graph.root(tag, stateful);
      int owner = owner(all, root);
      if (owner >= 0) {
        all.set(owner, with(all.get(owner), tag));
      } else {
        all.add(alone(tag, root, outputs, taken));
      }
    }
    return withLate(all);
  }

  /** A whole table of results takes late rows like others, so it keeps none. */
  private List<Plan.Query> withLate(List<Plan.Query> queries) {
    Lateness lateness = new Lateness(graph);
    List<Plan.Query> all = new ArrayList<>(queries);
    for (String step : graph.order()) {
      if (stateful.contains(step) && lateness.keeps(step)) {
        IntStream.range(0, all.size())
            .filter(i -> all.get(i).mode() != Mode.COMPLETE)
            .filter(i -> graph.upstream(all.get(i).root()).contains(step))
            .findFirst()
            .ifPresent(i -> all.set(i, with(all.get(i), step)));
      }
    }
    return List.copyOf(all);
  }

  /** Streams above some sink that may tag rows, each behind those above it. */
  private List<String> tags(List<Plan.Output> outputs) {
    Set<String> used = new LinkedHashSet<>();
    outputs.forEach(output -> used.addAll(graph.upstream(output.from())));
    return graph.order().stream()
        .filter(used::contains)
        .filter(graph::tags)
        .filter(graph::streams)
        .toList();
  }

  /** The query of the same root, else the first that can carry the letters beside its rows. */
  private int owner(List<Plan.Query> queries, String root) {
    for (int i = 0; i < queries.size(); i++) {
      if (queries.get(i).root().equals(root)) {
        return i;
      }
    }
    for (int i = 0; i < queries.size(); i++) {
      Plan.Query query = queries.get(i);
      if (carries.test(query) && graph.upstream(query.root()).contains(root)) {
        return i;
      }
    }
    return -1;
  }

  private static Plan.Query with(Plan.Query query, String tag) {
    List<String> tags = new ArrayList<>(query.tags());
    tags.add(tag);
    return new Plan.Query(
        query.name(),
        query.root(),
        query.stateful(),
        query.outputs(),
        List.copyOf(tags),
        query.mode(),
        query.trigger());
  }

  /** A query for dead letters only, with the trigger of the first sink that reads the source. */
  private Plan.Query alone(String tag, String root, List<Plan.Output> outputs, Set<String> taken) {
    Plan.Trigger trigger =
        outputs.stream()
            .filter(output -> graph.upstream(output.from()).contains(tag))
            .map(Plan.Output::trigger)
            .findFirst()
            .orElseThrow();
    Key key = new Key(root, Mode.APPEND, trigger);
    return new Plan.Query(
        name(key, taken), root, isStateful(root), List.of(), List.of(tag), Mode.APPEND, trigger);
  }
}
