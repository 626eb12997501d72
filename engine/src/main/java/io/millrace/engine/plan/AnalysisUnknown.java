package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisReport.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.QueryContext;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/** Finds all unknown columns of an operator, where Spark names the first only. */
final class AnalysisUnknown {
  private AnalysisUnknown() {}

  /** Reports what Spark says, and the other unknown columns of the same operator with it. */
  static void report(
      AnalysisReport report,
      Subject subject,
      LogicalPlan written,
      LogicalPlan plan,
      Exception said) {
    boolean column = AnalysisSentence.condition(said).startsWith("UNRESOLVED_COLUMN");
    List<Unknown> unknown =
        column ? broken(plan).stream().flatMap(AnalysisUnknown::in).toList() : List.of();
    if (unknown.isEmpty()) {
      report.add(subject, said, named(written, said));
    }
    unknown.forEach(one -> report.add(subject, Optional.of(one.where()), one.sentence()));
  }

  /** The column that Spark names without a place, where it is written. */
  private static Optional<QueryContext> named(LogicalPlan written, Exception said) {
    String expression =
        said instanceof SparkThrowable spark
            ? spark.getMessageParameters().getOrDefault("expression", "")
            : "";
    return all(written)
        .flatMap(operator -> parts(operator).stream())
        .filter(UnresolvedAttribute.class::isInstance)
        .filter(part -> ("\"" + ((UnresolvedAttribute) part).name() + "\"").equals(expression))
        .map(part -> part.origin().context())
        .findFirst();
  }

  private static Stream<LogicalPlan> all(LogicalPlan plan) {
    return Stream.concat(
        Stream.of(plan),
        CollectionConverters.asJava(plan.children()).stream().flatMap(AnalysisUnknown::all));
  }

  private record Unknown(QueryContext where, String sentence) {}

  private static Stream<Unknown> in(LogicalPlan operator) {
    List<Expression> parts = parts(operator);
    Set<String> made =
        parts.stream()
            .filter(Alias.class::isInstance)
            .map(part -> ((Alias) part).name())
            .collect(Collectors.toSet());
    String known =
        CollectionConverters.asJava(operator.children()).stream()
            .flatMap(child -> CollectionConverters.asJava(child.output()).stream())
            .map(Attribute::name)
            .collect(Collectors.joining(", "));
    return parts.stream()
        .filter(UnresolvedAttribute.class::isInstance)
        .map(UnresolvedAttribute.class::cast)
        .filter(column -> !made.contains(column.name()))
        .map(
            column ->
                new Unknown(
                    column.origin().context(), AnalysisSentence.column(column.name(), known)));
  }

  private static List<LogicalPlan> broken(LogicalPlan plan) {
    List<LogicalPlan> found = new ArrayList<>();
    CollectionConverters.asJava(plan.children()).forEach(child -> found.addAll(broken(child)));
    if (found.isEmpty() && !plan.resolved()) {
      found.add(plan);
    }
    return found;
  }

  private static List<Expression> parts(LogicalPlan operator) {
    List<Expression> found = new ArrayList<>();
    CollectionConverters.asJava(operator.expressions()).forEach(part -> collect(part, found));
    return found;
  }

  private static void collect(Expression part, List<Expression> found) {
    found.add(part);
    CollectionConverters.asJava(part.children()).forEach(child -> collect(child, found));
  }
}
