package io.millrace.engine.plan;

import io.millrace.engine.spi.Keeping;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.TransformWithState;
import scala.jdk.javaapi.CollectionConverters;

/** How many bytes the state of a step takes, entry by entry and row by row. */
record KeptSizes(Analysis analysis, Load load, Widths widths) {
  /** What a value takes in which a step of ours keeps bytes of its own, without these. */
  private static final double MEMORY = 4 * Long.BYTES;

  /** What a match takes that is begun, without the columns of its rows. */
  private static final double BEGUN = 4 * Long.BYTES;

  /** What says how long a row is that is kept with others. */
  private static final double LENGTH = Integer.BYTES;

  /** How many bytes an entry of an operator of a query has. */
  double entry(LogicalPlan operator) {
    if (operator instanceof Aggregate aggregate) {
      return widths.state(aggregate);
    }
    return operator instanceof Distinct
        ? widths.row(CollectionConverters.asJava(operator.output()))
        : widths.row(List.of()) + 3 * Long.BYTES;
  }

  /** How many bytes each row has that a side of a join keeps, and the key that it is kept by. */
  double row(LogicalPlan query, LogicalPlan side, List<String> by) {
    List<Attribute> columns = used(query, side);
    return widths.row(columns) + widths.row(named(columns, by)) + Long.BYTES;
  }

  /** The columns of a side of a join that a query asks for: Spark keeps no others. */
  private static List<Attribute> used(LogicalPlan query, LogicalPlan side) {
    Set<Object> asked = new HashSet<>();
    CollectionConverters.asJava(query.output()).forEach(column -> asked.add(column.exprId()));
    asked(query, side, asked);
    return CollectionConverters.asJava(side.output()).stream()
        .filter(column -> asked.contains(column.exprId()) && !column.name().startsWith("_"))
        .toList();
  }

  private static void asked(LogicalPlan part, LogicalPlan side, Set<Object> asked) {
    if (part.equals(side)) {
      return;
    }
    for (Expression each : CollectionConverters.asJava(part.expressions())) {
      CollectionConverters.asJava(each.references().toSeq())
          .forEach(column -> asked.add(column.exprId()));
    }
    CollectionConverters.asJava(part.children()).forEach(child -> asked(child, side, asked));
  }

  /** How many bytes an entry has, the rows in it left out. */
  double entry(Plan.Stage stage, Keeping keeping) {
    if (keeping instanceof Keeping.Own) {
      return load.states().getOrDefault(stage.name(), 0);
    }
    if (keeping instanceof Keeping.Firsts || keeping instanceof Keeping.Begun) {
      return fold(stage)
              .map(fold -> widths.row(CollectionConverters.asJava(fold.groupingAttributes())))
              .orElse(0.0)
          + MEMORY;
    }
    Optional<Aggregate> aggregate = operator(stage, Aggregate.class);
    if (aggregate.isPresent()) {
      return widths.state(aggregate.get());
    }
    List<Attribute> input = input(stage);
    Set<String> known = input.stream().map(Attribute::name).collect(Collectors.toSet());
    List<Attribute> own =
        columns(stage.name()).stream().filter(column -> !known.contains(column.name())).toList();
    return widths.row(named(input, keeping.by())) + widths.row(own) + Long.BYTES;
  }

  /** How many bytes each row has that is kept. */
  double row(Plan.Stage stage, Keeping keeping) {
    if (keeping instanceof Keeping.Rows rows) {
      List<Attribute> input = columns(stage.from().get(rows.input()));
      return stage.from().size() > 1
          ? widths.row(input) + widths.row(named(input, rows.by())) + Long.BYTES
          : fold(stage).map(fold -> widths.row(told(fold))).orElseGet(() -> widths.row(input));
    }
    if (keeping instanceof Keeping.Firsts) {
      return fold(stage).map(fold -> widths.row(told(fold))).orElse(0.0) + LENGTH;
    }
    return keeping instanceof Keeping.Begun begun
        ? BEGUN + widths.row(named(input(stage), begun.kept()))
        : 0;
  }

  private <T> Optional<T> operator(Plan.Stage stage, Class<T> kind) {
    return analysis.plans().getOrDefault(stage.name(), Optional.empty()).stream()
        .flatMap(made -> AnalysisState.stateful(made).stream())
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst();
  }

  private Optional<TransformWithState> fold(Plan.Stage stage) {
    return operator(stage, TransformWithState.class);
  }

  /** The columns of a row as a fold is told it. */
  private static List<Attribute> told(TransformWithState fold) {
    return CollectionConverters.asJava(fold.dataAttributes()).stream()
        .filter(column -> !column.name().equals("_closes"))
        .toList();
  }

  private List<Attribute> input(Plan.Stage stage) {
    return stage.from().stream().flatMap(from -> columns(from).stream()).toList();
  }

  /** The columns that are the job's own: Spark keeps no others that nobody asks for. */
  private List<Attribute> columns(String node) {
    return analysis.plans().getOrDefault(node, Optional.empty()).stream()
        .flatMap(made -> CollectionConverters.asJava(made.output()).stream())
        .filter(column -> !column.name().startsWith("_"))
        .toList();
  }

  private static List<Attribute> named(List<Attribute> columns, List<String> names) {
    return columns.stream()
        .filter(column -> names.stream().anyMatch(column.name()::equalsIgnoreCase))
        .toList();
  }
}
