package io.millrace.engine.plan;

import io.millrace.engine.spi.Keeping;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.StreamingJoinHelper;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.InterpretedMutableProjection;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SessionWindow;
import org.apache.spark.sql.catalyst.expressions.TimeWindow;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** What the operators of a query keep, as its analysed plan tells. */
final class AnalysisKeeping {
  /** A moment of which it is asked in which windows it lies, in microseconds; in milliseconds. */
  private static final long MOMENT = 1_767_225_600_000_000L;

  private static final long MARK = MOMENT / 1_000;

  private AnalysisKeeping() {}

  /** What an operator keeps of the rows below it; empty if it is none of a query. */
  static List<Keeping> of(LogicalPlan operator) {
    if (operator instanceof Aggregate aggregate) {
      return List.of(groups(aggregate));
    }
    if (operator instanceof Distinct distinct) {
      List<Attribute> columns = CollectionConverters.asJava(distinct.output());
      return List.of(keys(columns.stream().map(Attribute::name).toList(), distinct));
    }
    if (operator instanceof GlobalLimit) {
      return List.of(new Keeping.Keys(List.of(), Optional.empty()));
    }
    if (operator instanceof Join join) {
      return List.of(
          new Keeping.Rows(0, by(join, join.left()), waits(join, join.left(), join.right())),
          new Keeping.Rows(1, by(join, join.right()), waits(join, join.right(), join.left())));
    }
    return List.of();
  }

  /** It forgets what the watermark has passed, if it knows a time. */
  private static Keeping keys(List<String> names, LogicalPlan operator) {
    return new Keeping.Keys(
        names,
        AnalysisState.growth(operator).isPresent() ? Optional.empty() : Optional.of(Duration.ZERO));
  }

  /** The groups of an aggregate. */
  static Keeping groups(Aggregate aggregate) {
    List<String> names = new ArrayList<>();
    Optional<Keeping> windows = Optional.empty();
    for (Expression group : CollectionConverters.asJava(aggregate.groupingExpressions())) {
      Optional<Keeping> found = windows(group, aggregate.child());
      if (found.isPresent()) {
        windows = found;
      } else {
        names.add(name(group, aggregate));
      }
    }
    if (names.isEmpty() && windows.isEmpty()) {
      return new Keeping.Keys(List.of(), Optional.empty());
    }
    return windows
        .filter(known -> AnalysisState.growth(aggregate).isEmpty())
        .<Keeping>map(
            known ->
                known instanceof Keeping.Windows window
                    ? new Keeping.Windows(names, window.every(), window.size(), window.late())
                    : new Keeping.Sessions(names, ((Keeping.Sessions) known).gap(), Duration.ZERO))
        .orElseGet(() -> keys(names, aggregate));
  }

  /** What a user calls the values of an expression: the column that it is, gives or rests on. */
  static String name(Expression group, Aggregate aggregate) {
    if (group instanceof NamedExpression named) {
      return named.name();
    }
    List<Attribute> read = read(group);
    return CollectionConverters.asJava(aggregate.aggregateExpressions()).stream()
        .flatMap(
            column ->
                column instanceof Alias alias && alias.child().semanticEquals(group)
                    ? Stream.of(alias.name())
                    : Stream.empty())
        .findFirst()
        .orElseGet(() -> read.size() == 1 ? read.get(0).name() : group.sql());
  }

  /** The windows of a column of such, without the columns that their rows are grouped by. */
  private static Optional<Keeping> windows(Expression group, LogicalPlan below) {
    if (!(group instanceof Attribute column) || !window(column)) {
      return Optional.empty();
    }
    List<Expression> made = made(column.exprId(), below);
    List<long[]> spans = made.stream().flatMap(each -> span(each).stream()).toList();
    if (spans.isEmpty()) {
      return Optional.empty();
    }
    Duration size = micros(spans.get(0)[1] - spans.get(0)[0]);
    if (column.metadata().contains(SessionWindow.marker())) {
      return Optional.of(new Keeping.Sessions(List.of(), size, Duration.ZERO));
    }
    Duration every = spans.size() > 1 ? micros(spans.get(0)[0] - spans.get(1)[0]) : size;
    return Optional.of(new Keeping.Windows(List.of(), every, size, Duration.ZERO));
  }

  /** Whether it is a column of windows. */
  static boolean window(Attribute column) {
    return column.metadata().contains(TimeWindow.marker())
        || column.metadata().contains(SessionWindow.marker());
  }

  private static Duration micros(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  /** What a column is made of, once for each row that one row becomes. */
  private static List<Expression> made(ExprId column, LogicalPlan plan) {
    if (plan instanceof Expand expand) {
      int at = place(column, CollectionConverters.asJava(expand.output()));
      if (at >= 0) {
        return CollectionConverters.asJava(expand.projections()).stream()
            .map(row -> row.apply(at))
            .toList();
      }
    }
    if (plan instanceof Project project) {
      for (NamedExpression each : CollectionConverters.asJava(project.projectList())) {
        if (each instanceof Alias alias && alias.exprId().equals(column)) {
          return alias.child() instanceof Attribute other
              ? made(other.exprId(), project.child())
              : List.of(alias.child());
        }
      }
    }
    return CollectionConverters.asJava(plan.children()).stream()
        .map(child -> made(column, child))
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static List<Attribute> read(Expression expression) {
    return List.copyOf(CollectionConverters.asJava(expression.references().toSeq()));
  }

  private static int place(ExprId column, List<Attribute> columns) {
    return columns.stream().map(Attribute::exprId).toList().indexOf(column);
  }

  /** From when to when a window is that a moment lies in; empty if that is not of one column. */
  private static Optional<long[]> span(Expression window) {
    List<Attribute> read = read(window);
    if (read.size() != 1) {
      return Optional.empty();
    }
    InternalRow found =
        new InterpretedMutableProjection(
                CollectionConverters.asScala(List.of(window)).toSeq(),
                CollectionConverters.asScala(read).toSeq())
            .apply(new GenericInternalRow(new Object[] {MOMENT}))
            .getStruct(0, 2);
    return Optional.of(new long[] {found.getLong(0), found.getLong(1)});
  }

  /** How long a row of a side waits for others, beyond the watermark; empty if that is for ever. */
  private static Optional<Duration> waits(Join join, LogicalPlan side, LogicalPlan other) {
    if (StreamingJoinHelper.isWatermarkInJoinKeys(join)) {
      return Optional.of(Duration.ZERO);
    }
    Option<Object> until =
        StreamingJoinHelper.getStateValueWatermark(
            side.outputSet(), other.outputSet(), join.condition(), Option.apply((Object) MARK));
    return until.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(Math.max(0, MARK - ((Number) until.get()).longValue())));
  }

  /** The columns of a side by which rows come together. */
  private static List<String> by(Join join, LogicalPlan side) {
    List<String> by = new ArrayList<>();
    if (join.condition().isDefined()) {
      equal(join.condition().get(), side, by);
    }
    return by;
  }

  private static void equal(Expression condition, LogicalPlan side, List<String> by) {
    if (condition instanceof And and) {
      equal(and.left(), side, by);
      equal(and.right(), side, by);
    } else if (condition instanceof EqualTo equal) {
      Stream.of(equal.left(), equal.right())
          .filter(each -> each instanceof Attribute column && side.outputSet().contains(column))
          .forEach(each -> by.add(((Attribute) each).name()));
    }
  }
}
