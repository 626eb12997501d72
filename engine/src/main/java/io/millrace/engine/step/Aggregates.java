package io.millrace.engine.step;

import io.millrace.engine.fold.Aggregation;
import io.millrace.engine.spi.TextFault;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.analysis.SimpleAnalyzer$;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.CommonExpressionRef;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.With;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.optimizer.ReplaceExpressions$;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * Aggregates of a step that keeps them itself, by Spark's own functions.
 *
 * @param rows what is aggregated
 * @param functions what is aggregated
 * @param results the results, over the functions
 * @param types the columns of the results
 */
record Aggregates(
    LogicalPlan rows,
    List<AggregateExpression> functions,
    List<Expression> results,
    StructType types) {

  /**
   * Aggregates as a job writes them: a name, and an expression in SQL.
   *
   * @throws TextFault if one is none that can be kept
   */
  static Aggregates of(LogicalPlan rows, Map<String, String> texts) {
    List<NamedExpression> named = new ArrayList<>();
    texts.forEach((name, text) -> named.add(Catalyst.as(name, parsed(name, text))));
    LogicalPlan written =
        new Aggregate(Catalyst.seq(List.of()), Catalyst.seq(named), rows, Option.empty());
    LogicalPlan analysed = SimpleAnalyzer$.MODULE$.execute(written);
    SimpleAnalyzer$.MODULE$.checkAnalysis(analysed);
    return of(rows, (Aggregate) ReplaceExpressions$.MODULE$.apply(analysed));
  }

  private static Aggregates of(LogicalPlan rows, Aggregate aggregate) {
    Map<ExprId, AggregateExpression> functions = new LinkedHashMap<>();
    List<Expression> results = new ArrayList<>();
    StructType types = new StructType();
    for (NamedExpression each : Catalyst.list(aggregate.aggregateExpressions())) {
      Expression result = Catalyst.replaced(((Alias) each).child(), Aggregates::plain);
      collect(each.name(), result, functions);
      results.add(Catalyst.replaced(result, Aggregates::outcome));
      types = types.add(each.name(), result.dataType(), true);
    }
    return new Aggregates(rows, List.copyOf(functions.values()), results, types);
  }

  /** Spark's parts that stand for others, written out. */
  private static Optional<Expression> plain(Expression part) {
    if (!(part instanceof With with)) {
      return Optional.empty();
    }
    Map<Object, Expression> parts = new LinkedHashMap<>();
    Catalyst.list(with.defs()).forEach(common -> parts.put(common.id(), common.child()));
    return Optional.of(
        Catalyst.replaced(
            with.child(),
            inner ->
                inner instanceof CommonExpressionRef reference
                    ? Optional.ofNullable(parts.get(reference.id()))
                    : Optional.empty()));
  }

  private static Optional<Expression> outcome(Expression part) {
    return part instanceof AggregateExpression function
        ? Optional.of(function.resultAttribute())
        : Optional.empty();
  }

  private static void collect(
      String name, Expression part, Map<ExprId, AggregateExpression> functions) {
    if (part instanceof AggregateExpression function) {
      if (function.isDistinct()) {
        throw fault(
            name,
            "Cannot keep "
                + function.sql()
                + " row by row. Write count(distinct …) for a count of distinct values, and"
                + " array functions over collect_set(…) for others");
      }
      functions.put(function.resultId(), function);
    } else {
      Catalyst.list(part.children()).forEach(child -> collect(name, child, functions));
    }
    if (!part.deterministic()) {
      throw fault(name, "Cannot keep " + part.sql() + ": it is not the same when computed again");
    }
  }

  private static Expression parsed(String name, String text) {
    Expression parsed = AggregateText.parsed("aggregate." + name, text);
    if (!Catalyst.aggregates(parsed)) {
      throw fault(name, "Expected an aggregate such as count(1) or sum(price), found " + text);
    }
    return parsed;
  }

  private static TextFault fault(String name, String sentence) {
    return new TextFault("aggregate." + name, 1, 1, sentence);
  }

  /** The same over rows with a column for each value that a function reads. */
  Aggregates overColumns() {
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(rows.output()));
    List<AggregateExpression> plain =
        functions.stream().map(function -> overColumns(function, columns)).toList();
    return new Aggregates(Catalyst.project(columns, rows), plain, results, types);
  }

  private static AggregateExpression overColumns(
      AggregateExpression each, List<NamedExpression> columns) {
    List<Expression> read =
        Catalyst.list(each.aggregateFunction().children()).stream()
            .map(argument -> column(argument, columns))
            .toList();
    Option<Expression> filter =
        each.filter().isDefined()
            ? Option.apply(column(each.filter().get(), columns))
            : Option.empty();
    return new AggregateExpression(
        (AggregateFunction) each.aggregateFunction().withNewChildren(Catalyst.seq(read)),
        each.mode(),
        false,
        filter,
        each.resultId());
  }

  /** An argument as a column, if it is no constant; settings of a function have to stay. */
  private static Expression column(Expression argument, List<NamedExpression> columns) {
    if (argument instanceof Attribute || constant(argument)) {
      return argument;
    }
    NamedExpression column = Catalyst.as("_argument" + columns.size(), argument);
    columns.add(column);
    return (Expression) column.toAttribute();
  }

  private static boolean constant(Expression part) {
    return part instanceof Literal
        || (!part.children().isEmpty()
            && part.foldable()
            && Catalyst.list(part.children()).stream().allMatch(Aggregates::constant));
  }

  /** The columns that the functions read. */
  List<Keyed.Told> told() {
    Map<ExprId, Keyed.Told> told = new LinkedHashMap<>();
    for (AggregateExpression function : functions) {
      for (Attribute column : Catalyst.list(function.references().toSeq())) {
        told.putIfAbsent(column.exprId(), Keyed.Told.of(known(column)));
      }
    }
    return List.copyOf(told.values());
  }

  /**
   * The columns of the results, each with the numbers of those that it is made of.
   *
   * @param told the columns of a row that the functions are told
   * @param before how many others such a row has before these
   */
  StructType reading(List<Keyed.Told> told, int before) {
    StructType reading = new StructType();
    for (int i = 0; i < results.size(); i++) {
      Set<ExprId> read = new HashSet<>();
      for (AggregateExpression function : functions) {
        if (Catalyst.contains(results.get(i), function.resultAttribute()::equals)) {
          read.addAll(Catalyst.read(function));
        }
      }
      long[] numbers =
          IntStream.range(0, told.size())
              .filter(
                  at -> told.get(at).known().filter(own -> read.contains(own.exprId())).isPresent())
              .mapToLong(at -> at + before)
              .toArray();
      StructField type = types.apply(i);
      reading = reading.add(type.name(), type.dataType(), true, Given.reads(numbers));
    }
    return reading;
  }

  private Attribute known(Attribute column) {
    return Catalyst.list(rows.output()).stream()
        .filter(own -> own.exprId().equals(column.exprId()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The aggregation over rows that are told.
   *
   * @param told their columns
   */
  Aggregation over(StructType types, List<Keyed.Told> told) {
    List<Attribute> columns = new ArrayList<>();
    Map<String, ExprId> ids = new LinkedHashMap<>();
    told.forEach(
        column -> column.known().ifPresent(known -> ids.put(column.name(), known.exprId())));
    Function<StructField, ExprId> id =
        field -> ids.getOrDefault(field.name(), NamedExpression.newExprId());
    for (StructField field : types.fields()) {
      columns.add(
          new AttributeReference(
              field.name(),
              field.dataType(),
              true,
              Metadata.empty(),
              id.apply(field),
              Catalyst.seq(List.of())));
    }
    List<AggregateExpression> bound =
        functions.stream().map(function -> bound(function, columns)).toList();
    return new Aggregation(bound, results, columns, this.types);
  }

  private static AggregateExpression bound(AggregateExpression each, List<Attribute> columns) {
    if (!(each.aggregateFunction() instanceof ImperativeAggregate function)) {
      return each;
    }
    Expression bound =
        Catalyst.replaced(
            function,
            part ->
                part instanceof Attribute column
                    ? Optional.of(reference(column, columns))
                    : Optional.empty());
    return new AggregateExpression(
        (AggregateFunction) bound, each.mode(), false, each.filter(), each.resultId());
  }

  private static Expression reference(Attribute column, List<Attribute> columns) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).exprId().equals(column.exprId())) {
        return new BoundReference(i, column.dataType(), true);
      }
    }
    throw new IllegalStateException("Cannot find " + column + " among " + columns);
  }
}
