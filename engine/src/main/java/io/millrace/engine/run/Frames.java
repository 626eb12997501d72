package io.millrace.engine.run;

import static org.apache.spark.sql.functions.col;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Lateness;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Combine;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Renewed;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Transform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.functions;

/** The frames of one query: every node opened at most once, built when first asked for. */
final class Frames {
  private final Graph graph;
  private final SparkSession spark;
  private final Reading reading;
  private final Counters counters;
  private final Lateness lateness;
  private final Map<String, Dataset<Row>> known = new HashMap<>();
  private final Map<String, List<Dataset<Row>>> arriving = new HashMap<>();

  Frames(Graph graph, SparkSession spark, Reading reading) {
    this(graph, spark, reading, Counters.none());
  }

  Frames(Graph graph, SparkSession spark, Reading reading, Counters counters) {
    this.graph = graph;
    this.spark = spark;
    this.reading = reading;
    this.counters = counters;
    this.lateness = new Lateness(graph);
  }

  /**
   * The same job, where the rows of one node are these.
   *
   * @param reader a name for who reads them, under which rows are counted
   */
  Frames over(String node, Dataset<Row> rows, String reader) {
    Frames frames = new Frames(graph, rows.sparkSession(), reading, counters.beside(reader));
    frames.known.put(node, rows);
    return frames;
  }

  /** The same, where the rows of some nodes are these. */
  Frames with(Map<String, Dataset<Row>> rows) {
    known.putAll(rows);
    return this;
  }

  /**
   * The rows that come to a step which reads one entry, without dead letters and hidden columns.
   */
  Dataset<Row> live(String step) {
    return visible(live(arriving(graph.stage(step).orElseThrow()).get(0)));
  }

  /** The rows of a node, with the hidden columns that it has. */
  Dataset<Row> of(String node) {
    Dataset<Row> rows = known.get(node);
    if (rows == null) {
      rows =
          graph.input(node).map(this::open).orElseGet(() -> apply(graph.stage(node).orElseThrow()));
      known.put(node, rows);
    }
    return rows;
  }

  /**
   * The rows that a step with state gets of one of its inputs, late ones tagged if they are kept.
   */
  Dataset<Row> late(String step, String input) {
    Plan.Stage stage = graph.stage(step).orElseThrow();
    int number = stage.from().indexOf(input);
    Dataset<Row> rows = arriving(stage).get(number);
    if (!lateness.keeps(step, input)) {
      return rows;
    }
    Planned planned = (Planned) stage.step();
    return planned
        .onTimeUntil(input(stage, number, rows))
        .map(until -> LateRows.tagged(step, Counters.gate(stage), until, rows))
        .orElse(rows);
  }

  /** The same rows, read once more beside others. */
  Dataset<Row> apart(Dataset<Row> rows) {
    return counters.apart(rows);
  }

  /** The rows that a sink gets. */
  Dataset<Row> wanted(Plan.Output output) {
    Dataset<Row> all = of(output.from());
    if (output.when().isEmpty()) {
      return visible(live(all));
    }
    Dataset<Row> live = live(counters.before(output.from(), output.name(), all));
    return visible(counters.wanted(output, live.where(output.when().get())));
  }

  private Dataset<Row> open(Plan.Input input) {
    Dataset<Row> rows =
        input.fixed()
            ? reading.table(spark, input)
            : Decoding.decoded(input, counters.read(input, reading.open(spark, input)));
    Dataset<Row> marked =
        input.watermark().map(watermark -> planned(watermark, input.name(), rows)).orElse(rows);
    return input.fixed() ? marked : counters.decoded(input, marked);
  }

  private Dataset<Row> apply(Plan.Stage stage) {
    List<Dataset<Row>> inputs = arriving(stage);
    Dataset<Row> rows =
        run(stage, stage.step().keepsDead() ? inputs : inputs.stream().map(Frames::live).toList());
    counters.dropped(stage.name(), rows);
    List<String> streams = stage.from().stream().filter(graph::streams).toList();
    return counters.behind(stage, streams, reading.settle(stage, graph, name -> of(name), rows));
  }

  /** What comes to a step, dead letters among it where they pass it or leave with late rows. */
  private List<Dataset<Row>> arriving(Plan.Stage stage) {
    List<Dataset<Row>> rows = arriving.get(stage.name());
    if (rows == null) {
      rows = new ArrayList<>();
      for (String from : stage.from()) {
        Dataset<Row> all = of(from);
        Dataset<Row> counted = graph.streams(from) ? counters.before(from, stage.name(), all) : all;
        rows.add(prepare(counted, stage, rows.isEmpty()));
      }
      arriving.put(stage.name(), rows);
    }
    return rows;
  }

  /** Rows that meet the condition of a step, and only live ones where it has no use of others. */
  private Dataset<Row> prepare(Dataset<Row> rows, Plan.Stage stage, boolean first) {
    boolean all = stage.step().keepsDead() || lateness.keeps(stage.name());
    Dataset<Row> prepared = all ? rows : live(rows);
    if (!first || stage.when().isEmpty()) {
      return prepared;
    }
    Dataset<Row> met = where(prepared, stage.when().get());
    return graph.streams(stage.from().get(0)) ? counters.met(stage, met) : met;
  }

  private static Dataset<Row> where(Dataset<Row> rows, String condition) {
    Column holds = functions.expr(condition);
    return rows.where(has(rows, Columns.DEAD) ? col(Columns.DEAD).isNotNull().or(holds) : holds);
  }

  private Dataset<Row> planned(Step watermark, String input, Dataset<Row> rows) {
    Planned.Input only = new Planned.Input(input, rows.queryExecution().analyzed());
    return Catalyst.frame(spark, ((Planned) watermark).plan(List.of(only)));
  }

  private Dataset<Row> run(Plan.Stage stage, List<Dataset<Row>> inputs) {
    if (stage.step() instanceof Planned planned) {
      boolean counts = lateness.tells(stage.name()) && counters.late();
      boolean keeps = counts && lateness.keeps(stage.name());
      List<Planned.Input> plans = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        Dataset<Row> rows = inputs.get(i);
        Planned.Input input = input(stage, i, rows);
        Late fate = keeps && lateness.keeps(stage.name(), input.name()) ? Late.KEEP : Late.DROP;
        plans.add(counts ? counters.timed(stage, planned, input, rows, fate) : input);
      }
      return Catalyst.frame(spark, keeps ? planned.plan(plans, open(stage)) : planned.plan(plans));
    }
    if (stage.step() instanceof Renewed renewed) {
      return reading.renewals().apply(stage, renewed, inputs.get(0));
    }
    if (stage.step() instanceof Transform transform) {
      return transform.apply(inputs.get(0));
    }
    return ((Combine) stage.step()).apply(inputs);
  }

  private static Planned.Input input(Plan.Stage stage, int number, Dataset<Row> rows) {
    return new Planned.Input(stage.from().get(number), rows.queryExecution().analyzed());
  }

  private static UnaryOperator<Expression> open(Plan.Stage stage) {
    return until -> Catalyst.call(new LateRows.Open(Counters.gate(stage)), List.of(until));
  }

  /** The rows that are no dead letters. */
  static Dataset<Row> live(Dataset<Row> rows) {
    return has(rows, Columns.DEAD)
        ? rows.where(col(Columns.DEAD).isNull()).drop(Columns.DEAD)
        : rows;
  }

  /** Without the columns that the toolkit adds. */
  static Dataset<Row> visible(Dataset<Row> rows) {
    return rows.select(shown(rows));
  }

  /** The columns that are the job's own. */
  static Column[] shown(Dataset<Row> rows) {
    return Arrays.stream(rows.columns())
        .filter(column -> !column.startsWith("_"))
        .map(Frames::quoted)
        .toArray(Column[]::new);
  }

  static boolean has(Dataset<Row> rows, String column) {
    return Arrays.asList(rows.columns()).contains(column);
  }

  static Column quoted(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }
}
