package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Dropped;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.jspecify.annotations.Nullable;

/**
 * Puts counters into the frames of a query: behind each source, in front of and behind each step. A
 * counter is a function that is not deterministic, so Spark moves no other condition below it.
 */
final class Counters {
  private final Optional<Store> store;
  private final String group;
  private final Map<String, Passed> exits = new HashMap<>();
  private final Set<String> gated = new HashSet<>();

  /** Frames that belong together, such as those of one branch, count apart from others. */
  private record Cell(String group, String node, String what) {}

  private record Key(String group, Class<? extends Account.Cut> sort, String node) {}

  /** The cells of what a node passed on: live rows, and dead letters where it has such. */
  private record Passed(List<Integer> live, List<Integer> dead) {
    static Passed of(int live) {
      return new Passed(List.of(live), List.of());
    }

    static Passed all(List<Passed> some) {
      return new Passed(
          some.stream().flatMap(one -> one.live().stream()).toList(),
          some.stream().flatMap(one -> one.dead().stream()).toList());
    }
  }

  private record Store(
      Tally tally,
      CountedRow.Cells cells,
      Map<Cell, Integer> places,
      Map<Key, Flow> flows,
      Map<Dropped, Integer> drops,
      List<Map<Integer, Integer>> apart,
      boolean late) {}

  /** How to read a cut off the cells. */
  private interface Flow {
    Account.Cut cut(ToLongFunction<List<Integer>> rows);
  }

  private Counters(Optional<Store> store, String group) {
    this.store = store;
    this.group = group;
  }

  /** Counts nothing. */
  static Counters none() {
    return new Counters(Optional.empty(), "");
  }

  /**
   * Counters of one query.
   *
   * @param tally known to Spark
   * @param late whether state leaves out late rows
   */
  static Counters of(Tally tally, boolean late) {
    return new Counters(
        Optional.of(
            new Store(
                tally,
                new CountedRow.Cells(tally),
                new HashMap<>(),
                new LinkedHashMap<>(),
                new HashMap<>(),
                new ArrayList<>(),
                late)),
        "");
  }

  /** Counters for frames that are read beside these. */
  Counters beside(String name) {
    return new Counters(store, name);
  }

  /**
   * Rows that are read once more beside others, counted apart: tasks of one stage may read both.
   */
  Dataset<Row> apart(Dataset<Row> rows) {
    if (store.isEmpty()) {
      return rows;
    }
    Map<Integer, Integer> cells = new HashMap<>();
    String reader = "apart " + store.get().apart().size();
    store.get().apart().add(cells);
    IntUnaryOperator other =
        cell -> cells.computeIfAbsent(cell, known -> cell(reader, Integer.toString(known)));
    return Catalyst.recalled(rows, function -> apart(function, other));
  }

  private @Nullable Object apart(Object function, IntUnaryOperator other) {
    if (function instanceof CountedRow.Counting counting) {
      return counting.in(other);
    }
    Integer cell =
        function instanceof Dropped dropped ? store.orElseThrow().drops().get(dropped) : null;
    if (cell == null) {
      return null;
    }
    Dropped dropped = new Dropped();
    dropped.by(new CountedRow.Any(store.orElseThrow().cells(), other.applyAsInt(cell))::apply);
    return dropped;
  }

  /** Forgets what was counted before a batch. */
  void begin() {
    store.ifPresent(counted -> counted.tally().begin());
  }

  /** What was counted since; of frames that count the same, those that saw most rows. */
  List<Account.Cut> cuts() {
    Map<Key, Account.Cut> cuts = new LinkedHashMap<>();
    store.ifPresent(
        counted ->
            counted
                .flows()
                .forEach(
                    (key, flow) ->
                        cuts.merge(
                            new Key("", key.sort(), key.node()),
                            cut(counted, flow),
                            Counters::larger)));
    return List.copyOf(cuts.values());
  }

  private static Account.Cut cut(Store counted, Flow flow) {
    Tally tally = counted.tally();
    Account.Cut cut = flow.cut(cells -> cells.stream().mapToLong(tally::count).sum());
    for (Map<Integer, Integer> apart : counted.apart()) {
      cut =
          larger(
              cut,
              flow.cut(
                  cells ->
                      cells.stream()
                          .flatMap(cell -> Optional.ofNullable(apart.get(cell)).stream())
                          .mapToLong(tally::count)
                          .sum()));
    }
    return cut;
  }

  private static Account.Cut larger(Account.Cut one, Account.Cut other) {
    return Comparator.comparingLong(Account.Cut::all).compare(one, other) < 0 ? other : one;
  }

  /** What a source gives. */
  Dataset<Row> read(Plan.Input input, Dataset<Row> rows) {
    return counts(input)
        ? Catalyst.visited(rows, Catalyst.call(counter(input.name(), "read"), List.of()))
        : rows;
  }

  /** The same, decoded. */
  Dataset<Row> decoded(Plan.Input input, Dataset<Row> rows) {
    if (!counts(input)) {
      return rows;
    }
    String name = input.name();
    List<Integer> read = List.of(cell(name, "read"));
    boolean dead = Frames.has(rows, Columns.DEAD);
    boolean sifted =
        input.watermark().filter(watermark -> watermark.effect() == Effect.SIFTS).isPresent();
    Passed passed =
        dead ? both(name) : sifted ? Passed.of(cell(name, "live")) : new Passed(read, List.of());
    exits.put(name, passed);
    dropped(name, rows);
    List<Integer> dropped = List.of(cell(name, "dropped"));
    flow(
        Account.Intake.class,
        name,
        count ->
            new Account.Intake(
                name,
                count.applyAsLong(read),
                count.applyAsLong(passed.live()),
                count.applyAsLong(passed.dead()),
                count.applyAsLong(dropped)));
    return dead ? fate(name, rows) : sifted ? any(name, "live", rows) : rows;
  }

  private boolean counts(Plan.Input input) {
    return store.isPresent() && !input.fixed();
  }

  /** What a node passes on, counted in front of something that reads it. */
  Dataset<Row> before(String node, String reader, Dataset<Row> rows) {
    if (store.isEmpty() || exits.containsKey(node)) {
      return rows;
    }
    String name = node + " for " + reader;
    boolean dead = Frames.has(rows, Columns.DEAD);
    exits.put(node, dead ? both(name) : Passed.of(cell(name, "live")));
    return dead ? fate(name, rows) : any(name, "live", rows);
  }

  /** Rows that met a step's condition, and only these. */
  Dataset<Row> met(Plan.Stage stage, Dataset<Row> rows) {
    if (store.isEmpty()) {
      return rows;
    }
    String name = condition(stage.name());
    Passed in = exit(stage.from().get(0));
    boolean dead = Frames.has(rows, Columns.DEAD);
    Passed out = dead ? both(name) : Passed.of(cell(name, "live"));
    passage(name, in, out);
    exits.put(name, out);
    return dead ? fate(name, rows) : any(name, "live", rows);
  }

  /**
   * Late rows of an input in front of a step with state. Inputs are read in stages of their own, so
   * each is counted by itself.
   *
   * @param fate what becomes of them
   */
  Planned.Input timed(
      Plan.Stage stage, Planned step, Planned.Input input, Dataset<Row> rows, Late fate) {
    Optional<Expression> until = step.onTimeUntil(input);
    if (until.isEmpty()) {
      return input;
    }
    LateRows.Count function =
        new LateRows.Count(
            store.orElseThrow().cells(),
            cell(stage.name(), onTime(input.name())),
            cell(stage.name(), late(input.name())),
            gate(stage),
            fate);
    gated.add(stage.name());
    Dataset<Row> timed = Catalyst.filtered(rows, Catalyst.call(function, List.of(until.get())));
    return new Planned.Input(input.name(), timed.queryExecution().analyzed());
  }

  /** Whether late rows are counted, and so can be kept. */
  boolean late() {
    return store.filter(Store::late).isPresent();
  }

  /** What a step with state takes rows by. */
  static LateRows.Gate gate(Plan.Stage stage) {
    return new LateRows.Gate(stage.step().effect() == Effect.GATHERS);
  }

  /** The calls of {@link Dropped} in the frame of a step or a source. */
  void dropped(String node, Dataset<Row> rows) {
    store.ifPresent(
        counted -> {
          CountedRow.Any counter = counter(node, "dropped");
          Catalyst.functions(rows.queryExecution().analyzed(), Dropped.class)
              .forEach(
                  dropped -> {
                    dropped.by(counter::apply);
                    counted.drops().putIfAbsent(dropped, cell(node, "dropped"));
                  });
        });
  }

  /** What a step gives, set against what it was given by {@code from}. */
  Dataset<Row> behind(Plan.Stage stage, List<String> from, Dataset<Row> rows) {
    Effect effect = stage.step().effect();
    if (store.isEmpty()) {
      return rows;
    }
    Passed in = Passed.all(from.stream().map(node -> entrance(stage, node)).toList());
    if (effect == Effect.SAME) {
      exits.put(stage.name(), in);
      return rows;
    }
    boolean dead = Frames.has(rows, Columns.DEAD);
    Passed out = dead ? both(stage.name()) : Passed.of(cell(stage.name(), "live"));
    exits.put(stage.name(), out);
    switch (effect) {
      case SIFTS -> sifted(stage.name(), in, out);
      case DEDUPES, GATHERS -> state(stage, in, out);
      default -> passage(stage.name(), in, out);
    }
    return dead ? fate(stage.name(), rows) : any(stage.name(), "live", rows);
  }

  /** Rows that met the condition of a sink are those that it gets. */
  Dataset<Row> wanted(Plan.Output output, Dataset<Row> rows) {
    if (store.isEmpty()) {
      return rows;
    }
    String name = condition(output.name());
    passage(name, exit(output.from()), Passed.of(cell(name, "live")));
    return any(name, "live", rows);
  }

  private static String condition(String name) {
    return "when of " + name;
  }

  /** What a node passes on to a step, behind the step's condition if that is for this node. */
  private Passed entrance(Plan.Stage stage, String node) {
    boolean conditional = stage.when().isPresent() && stage.from().get(0).equals(node);
    return exit(conditional ? condition(stage.name()) : node);
  }

  private Passed exit(String node) {
    return exits.getOrDefault(node, new Passed(List.of(), List.of()));
  }

  private void sifted(String name, Passed in, Passed out) {
    List<Integer> dropped = List.of(cell(name, "dropped"));
    flow(
        Account.Intake.class,
        name,
        count ->
            new Account.Intake(
                name,
                count.applyAsLong(in.live()),
                count.applyAsLong(out.live()),
                count.applyAsLong(out.dead()) - count.applyAsLong(in.dead()),
                count.applyAsLong(dropped)));
  }

  private void state(Plan.Stage stage, Passed in, Passed out) {
    String name = stage.name();
    boolean dedupes = stage.step().effect() == Effect.DEDUPES;
    List<Integer> late = cells(stage, Counters::late);
    List<Integer> onTime = cells(stage, Counters::onTime);
    boolean counted = gated.contains(name);
    flow(
        Account.State.class,
        name,
        count -> {
          long passed = count.applyAsLong(in.live());
          long behind = count.applyAsLong(late);
          long met = counted ? count.applyAsLong(onTime) : passed - behind;
          long taken = dedupes ? count.applyAsLong(out.live()) : met;
          return new Account.State(name, passed, taken, behind, met - taken, null, counted);
        });
  }

  private static String late(String input) {
    return "late of " + input;
  }

  private static String onTime(String input) {
    return "on time of " + input;
  }

  private List<Integer> cells(Plan.Stage stage, UnaryOperator<String> what) {
    return stage.from().stream().map(input -> cell(stage.name(), what.apply(input))).toList();
  }

  private void passage(String name, Passed in, Passed out) {
    flow(
        Account.Passage.class,
        name,
        count ->
            new Account.Passage(name, count.applyAsLong(in.live()), count.applyAsLong(out.live())));
  }

  private void flow(Class<? extends Account.Cut> sort, String node, Flow flow) {
    store.orElseThrow().flows().put(new Key(group, sort, node), flow);
  }

  private Passed both(String name) {
    return new Passed(List.of(cell(name, "live")), List.of(cell(name, "dead")));
  }

  private CountedRow.Any counter(String name, String what) {
    return new CountedRow.Any(store.orElseThrow().cells(), cell(name, what));
  }

  private Dataset<Row> any(String name, String what, Dataset<Row> rows) {
    return Catalyst.filtered(rows, Catalyst.call(counter(name, what), List.of()));
  }

  /** In a branch, where columns are there, a filter costs less than one more column. */
  private Dataset<Row> fate(String name, Dataset<Row> rows) {
    CountedRow.Fate function =
        new CountedRow.Fate(store.orElseThrow().cells(), cell(name, "live"), cell(name, "dead"));
    Expression call =
        Catalyst.call(function, List.of(new IsNotNull(Catalyst.column(Columns.DEAD))));
    return group.isEmpty() ? Catalyst.visited(rows, call) : Catalyst.filtered(rows, call);
  }

  private int cell(String node, String what) {
    Map<Cell, Integer> places = store.orElseThrow().places();
    return places.computeIfAbsent(new Cell(group, node, what), cell -> places.size());
  }
}
