package io.millrace.engine.run;

import static org.apache.spark.sql.functions.max;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Step;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.unsafe.types.CalendarInterval;
import scala.jdk.javaapi.CollectionConverters;

/** Where the watermark of a table stands: behind the latest row by the delay. */
final class Watermarks {
  private Watermarks() {}

  /** The least of all watermarks above a step; empty if there is none or no row. */
  static Optional<Timestamp> atEnd(
      Plan.Stage stage, Graph graph, Function<String, Dataset<Row>> frames) {
    List<Timestamp> all = new ArrayList<>();
    for (String node : graph.upstream(stage.name())) {
      Optional<Step> declared =
          graph.input(node).isPresent()
              ? graph.input(node).get().watermark()
              : graph.stage(node).map(Plan.Stage::step);
      List<String> inputs = graph.input(node).isPresent() ? List.of(node) : graph.parents(node);
      if (declared.isPresent() && declared.get() instanceof Planned planned) {
        List<Planned.Input> plans =
            inputs.stream().map(name -> new Planned.Input(name, plan(frames.apply(name)))).toList();
        mark(planned.plan(plans))
            .ifPresent(mark -> latest(frames.apply(inputs.get(0)), mark).ifPresent(all::add));
      }
    }
    return all.stream().min(Timestamp::compareTo);
  }

  private static LogicalPlan plan(Dataset<Row> rows) {
    return rows.queryExecution().analyzed();
  }

  /** The first watermark of a plan that is not analysed yet. */
  private static Optional<EventTimeWatermark> mark(LogicalPlan plan) {
    if (plan instanceof EventTimeWatermark mark) {
      return Optional.of(mark);
    }
    return CollectionConverters.asJava(plan.children()).stream()
        .flatMap(child -> mark(child).stream())
        .findFirst();
  }

  private static Optional<Timestamp> latest(Dataset<Row> rows, EventTimeWatermark mark) {
    String column = ((NamedExpression) mark.eventTime()).name();
    Dataset<Row> marked = Catalyst.frame(rows.sparkSession(), mark.child());
    Row row = marked.agg(max(Frames.quoted(column))).head();
    if (row.isNullAt(0)) {
      return Optional.empty();
    }
    Instant behind = row.getTimestamp(0).toInstant().minusNanos(nanos(mark.delay()));
    return Optional.of(Timestamp.from(behind));
  }

  /** Spark counts a month of a delay as 31 days. */
  private static long nanos(CalendarInterval delay) {
    long days = delay.months * 31L + delay.days;
    return (days * 86_400_000_000L + delay.microseconds) * 1_000;
  }
}
