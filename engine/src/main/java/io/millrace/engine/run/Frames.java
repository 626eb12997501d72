package io.millrace.engine.run;

import static org.apache.spark.sql.functions.col;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Combine;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Transform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** The frames of one query: every node opened at most once, built when first asked for. */
final class Frames {
  private final Graph graph;
  private final SparkSession spark;
  private final Reading reading;
  private final Map<String, Dataset<Row>> known = new HashMap<>();

  Frames(Graph graph, SparkSession spark, Reading reading) {
    this.graph = graph;
    this.spark = spark;
    this.reading = reading;
  }

  /** The same job, where the rows of one node are these. */
  Frames over(String node, Dataset<Row> rows) {
    Frames frames = new Frames(graph, rows.sparkSession(), reading);
    frames.known.put(node, rows);
    return frames;
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

  private Dataset<Row> open(Plan.Input input) {
    Dataset<Row> raw = reading.open(spark, input);
    Dataset<Row> rows =
        input
            .decoder()
            .map(decoder -> Decoding.decode(input.name(), decoder, raw))
            .orElseGet(() -> Decoding.named(input.name(), raw));
    return input
        .watermark()
        .map(watermark -> run(watermark, List.of(input.name()), List.of(calm(rows))))
        .orElse(rows);
  }

  /** A dead letter's time is no time: it must not move the watermark. */
  private static Dataset<Row> calm(Dataset<Row> rows) {
    if (!has(rows, Columns.DEAD)) {
      return rows;
    }
    Column[] columns =
        Arrays.stream(rows.schema().fields())
            .map(
                field ->
                    field.dataType().equals(DataTypes.TimestampType)
                        ? functions
                            .when(col(Columns.DEAD).isNull(), quoted(field.name()))
                            .as(field.name())
                        : quoted(field.name()))
            .toArray(Column[]::new);
    return rows.select(columns);
  }

  private Dataset<Row> apply(Plan.Stage stage) {
    List<Dataset<Row>> inputs = new ArrayList<>();
    for (String from : stage.from()) {
      inputs.add(prepare(of(from), stage, inputs.isEmpty()));
    }
    Dataset<Row> rows = run(stage.step(), stage.from(), inputs);
    return reading.settle(stage, graph, name -> of(name), rows);
  }

  /** Rows as the step may see them: those that meet its condition, and live ones. */
  private static Dataset<Row> prepare(Dataset<Row> rows, Plan.Stage stage, boolean first) {
    Dataset<Row> prepared = keepsDead(stage.step()) ? rows : live(rows);
    return first && stage.when().isPresent() ? where(prepared, stage.when().get()) : prepared;
  }

  private static Dataset<Row> where(Dataset<Row> rows, String condition) {
    Column holds = functions.expr(condition);
    return rows.where(has(rows, Columns.DEAD) ? col(Columns.DEAD).isNotNull().or(holds) : holds);
  }

  private Dataset<Row> run(Step step, List<String> names, List<Dataset<Row>> inputs) {
    if (step instanceof Planned planned) {
      List<Planned.Input> plans = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        plans.add(new Planned.Input(names.get(i), inputs.get(i).queryExecution().analyzed()));
      }
      return Catalyst.frame(spark, planned.plan(plans));
    }
    if (step instanceof Transform transform) {
      return transform.apply(inputs.get(0));
    }
    return ((Combine) step).apply(inputs);
  }

  static boolean keepsDead(Step step) {
    return step instanceof Planned planned && planned.keepsDead();
  }

  /** The rows that are no dead letters. */
  static Dataset<Row> live(Dataset<Row> rows) {
    return has(rows, Columns.DEAD)
        ? rows.where(col(Columns.DEAD).isNull()).drop(Columns.DEAD)
        : rows;
  }

  /** Without the columns that the toolkit adds. */
  static Dataset<Row> visible(Dataset<Row> rows) {
    return rows.select(
        Arrays.stream(rows.columns())
            .filter(column -> !column.startsWith("_"))
            .map(Frames::quoted)
            .toArray(Column[]::new));
  }

  static boolean has(Dataset<Row> rows, String column) {
    return Arrays.asList(rows.columns()).contains(column);
  }

  static Column quoted(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }
}
