package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisReport.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.QueryContext;
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
  static void report(AnalysisReport report, Subject subject, LogicalPlan plan, Exception said) {
    report.add(subject, said);
    if (AnalysisSentence.condition(said).startsWith("UNRESOLVED_COLUMN")) {
      broken(plan).forEach(operator -> report(report, subject, operator));
    }
  }

  private static void report(AnalysisReport report, Subject subject, LogicalPlan operator) {
    List<Expression> parts = parts(operator);
    Set<String> made =
        parts.stream()
            .filter(Alias.class::isInstance)
            .map(part -> ((Alias) part).name())
            .collect(Collectors.toSet());
    String known =
        CollectionConverters.asJava(operator.inputSet().toSeq()).stream()
            .map(Attribute::name)
            .collect(Collectors.joining(", "));
    for (Expression part : parts) {
      if (part instanceof UnresolvedAttribute column && !made.contains(column.name())) {
        Optional<QueryContext> where = Optional.of(column.origin().context());
        report.add(subject, where, AnalysisSentence.column(column.name(), known));
      }
    }
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
