package io.millrace.engine.plan;

import io.millrace.engine.spi.Columns;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.QueryContext;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionWithRandomSeed;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.InputFileBlockLength;
import org.apache.spark.sql.catalyst.expressions.InputFileBlockStart;
import org.apache.spark.sql.catalyst.expressions.InputFileName;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Nondeterministic;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Deduplicate;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.TransformWithState;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a batch that comes again would compute anew: the columns of a resolved plan, and its choice
 * of rows, that rest on chance.
 */
final class AnalysisReplay {
  private final Map<Long, Chance> columns = new HashMap<>();

  /** Of what a function makes, the columns of the rows below it. */
  private final Map<Long, List<Optional<Chance>>> below = new HashMap<>();

  private Optional<Chance> rows = Optional.empty();

  private AnalysisReplay() {}

  /**
   * What has another result each time.
   *
   * @param node the source or step that it stands in
   * @param name of the function
   */
  record Chance(String node, String name, Optional<QueryContext> where) {}

  /** What a sink gets by chance: the name of a column, or nothing where it is the rows. */
  record Found(Optional<String> column, Chance chance) {}

  /**
   * The first column of a plan that rests on chance, or its rows.
   *
   * @param node the source or step whose plan it is
   */
  static Optional<Found> find(String node, LogicalPlan plan) {
    AnalysisReplay replay = new AnalysisReplay();
    replay.visit(node, plan);
    Optional<Found> column =
        attributes(plan).stream()
            .flatMap(
                attribute ->
                    replay
                        .known(attribute)
                        .map(chance -> new Found(Optional.of(attribute.name()), chance))
                        .stream())
            .findFirst();
    return column.or(() -> replay.rows.map(chance -> new Found(Optional.empty(), chance)));
  }

  private Optional<Chance> known(Attribute attribute) {
    return Optional.ofNullable(columns.get(attribute.exprId().id()));
  }

  private static List<Attribute> attributes(LogicalPlan plan) {
    return CollectionConverters.asJava(plan.output());
  }

  private void visit(String outer, LogicalPlan plan) {
    String node = AnalysisState.inputName(plan).orElse(outer);
    for (LogicalPlan child : CollectionConverters.asJava(plan.children())) {
      visit(node, child);
    }
    if (plan instanceof Union union) {
      unite(union);
    }
    if (plan instanceof MapPartitions function
        && function.child() instanceof Project project
        && project.projectList().head() instanceof Alias alias
        && alias.child() instanceof CreateNamedStruct row) {
      below.put(
          function.outputObjAttr().exprId().id(),
          CollectionConverters.asJava(row.valExprs()).stream()
              .map(value -> chance(node, value))
              .toList());
    }
    if (plan instanceof TransformWithState fold) {
      fold(fold);
      return;
    }
    keys(plan).forEach(key -> rows = rows.or(() -> chance(node, key)));
    for (Expression expression : CollectionConverters.asJava(plan.expressions())) {
      chance(node, expression).ifPresent(chance -> put(plan, expression, chance));
    }
  }

  /** What rows of a plan come together by, which decides how many there are. */
  private static List<? extends Expression> keys(LogicalPlan plan) {
    if (plan instanceof Aggregate aggregate) {
      return CollectionConverters.asJava(aggregate.groupingExpressions());
    }
    return plan instanceof Deduplicate deduplicate
        ? CollectionConverters.asJava(deduplicate.keys())
        : List.of();
  }

  /**
   * What a step with state of its own makes: each column is made of those that it says. Others, and
   * all of a step that does not say, may decide what comes out of it at all.
   */
  private void fold(TransformWithState fold) {
    List<Optional<Chance>> told =
        CollectionConverters.asJava(fold.dataAttributes()).stream().map(this::known).toList();
    Set<Integer> handed = new HashSet<>();
    if (fold.outputObjAttr().dataType() instanceof StructType made) {
      for (StructField column : made.fields()) {
        reads(column).forEach(number -> handed.add((int) number));
      }
    }
    below.put(fold.outputObjAttr().exprId().id(), told);
    Stream<Optional<Chance>> others =
        IntStream.range(0, told.size()).filter(at -> !handed.contains(at)).mapToObj(told::get);
    Stream<Optional<Chance>> keys =
        CollectionConverters.asJava(fold.groupingAttributes()).stream().map(this::known);
    Optional<Chance> chosen = Stream.concat(keys, others).flatMap(Optional::stream).findFirst();
    rows = rows.or(() -> chosen);
  }

  /** The numbers of the columns that one is made of. */
  private static LongStream reads(StructField column) {
    return column.metadata().contains(Columns.READS)
        ? LongStream.of(column.metadata().getLongArray(Columns.READS))
        : LongStream.empty();
  }

  private void put(LogicalPlan plan, Expression expression, Chance chance) {
    if (expression instanceof NamedExpression named) {
      columns.putIfAbsent(named.exprId().id(), chance);
    } else if (plan instanceof Generate generate) {
      CollectionConverters.asJava(generate.generatorOutput())
          .forEach(made -> columns.putIfAbsent(made.exprId().id(), chance));
    } else {
      rows = rows.or(() -> Optional.of(chance));
    }
  }

  /** A column of a union has the identity of its first input's. */
  private void unite(Union union) {
    List<Attribute> output = attributes(union);
    for (LogicalPlan child : CollectionConverters.asJava(union.children())) {
      List<Attribute> own = attributes(child);
      for (int at = 0; at < output.size(); at++) {
        long id = output.get(at).exprId().id();
        known(own.get(at)).ifPresent(chance -> columns.putIfAbsent(id, chance));
      }
    }
  }

  private Optional<Chance> chance(String node, Expression expression) {
    if (byChance(expression)) {
      return Optional.of(new Chance(node, expression.prettyName(), context(expression.origin())));
    }
    if (expression instanceof Attribute attribute) {
      return known(attribute);
    }
    if (expression instanceof GetStructField field
        && field.child() instanceof Attribute made
        && below.containsKey(made.exprId().id())) {
      return made(field.childSchema().apply(field.ordinal()), below.get(made.exprId().id()));
    }
    return CollectionConverters.asJava(expression.children()).stream()
        .flatMap(part -> chance(node, part).stream())
        .findFirst();
  }

  private static Optional<Chance> made(StructField column, List<Optional<Chance>> rows) {
    return reads(column)
        .mapToObj(number -> rows.get((int) number))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<QueryContext> context(Origin origin) {
    return Optional.ofNullable(origin.context());
  }

  /** The file that a row comes from is the same each time. */
  private static boolean byChance(Expression expression) {
    boolean ofFile =
        expression instanceof InputFileName
            || expression instanceof InputFileBlockStart
            || expression instanceof InputFileBlockLength;
    return !ofFile
        && (expression instanceof Nondeterministic
            || expression instanceof ExpressionWithRandomSeed);
  }
}
