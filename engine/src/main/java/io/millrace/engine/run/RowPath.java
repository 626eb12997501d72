package io.millrace.engine.run;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A branch of nothing but projections and filters, as expressions that run on single rows inside
 * the task that has them. It travels to tasks.
 *
 * @param output the columns of the rows that come out
 */
record RowPath(List<Move> moves, StructType output) implements Serializable {

  /** One operator; its expressions are bound to the columns of the operator below. */
  sealed interface Move extends Serializable {
    Seq<Attribute> input();
  }

  record Keep(Expression condition, Seq<Attribute> input) implements Move {}

  record Reshape(Seq<Expression> columns, Seq<Attribute> input) implements Move {}

  /**
   * The path of an optimised branch over a trunk, if it is one of projections and filters only, and
   * means the same in every batch.
   *
   * @param schema of the branch
   */
  static Optional<RowPath> of(LogicalPlan analyzed, LogicalPlan optimized, StructType schema) {
    if (readsClock(analyzed)) {
      return Optional.empty();
    }
    List<Move> moves = new ArrayList<>();
    LogicalPlan plan = optimized;
    while (!(plan instanceof LogicalRDD)) {
      Optional<Move> move = move(plan);
      if (move.isEmpty()) {
        return Optional.empty();
      }
      moves.add(0, move.get());
      plan = CollectionConverters.asJava(plan.children()).get(0);
    }
    if (moves.stream().noneMatch(Reshape.class::isInstance)) {
      moves.add(new Reshape(expressions(plan.output()), plan.output()));
    }
    return Optional.of(new RowPath(List.copyOf(moves), schema));
  }

  /** The path of rows that already have their final shape. */
  static RowPath straight(Dataset<Row> rows) {
    return new RowPath(List.of(), rows.schema());
  }

  private static Optional<Move> move(LogicalPlan plan) {
    if (hasSubquery(plan)) {
      return Optional.empty();
    }
    if (plan instanceof Filter filter) {
      return Optional.of(new Keep(filter.condition(), filter.child().output()));
    }
    if (plan instanceof Project project) {
      return Optional.of(new Reshape(expressions(project.projectList()), project.child().output()));
    }
    return Optional.empty();
  }

  private static <T> Seq<Expression> expressions(Seq<T> columns) {
    List<Expression> list = new ArrayList<>();
    CollectionConverters.asJava(columns).forEach(column -> list.add((Expression) column));
    return CollectionConverters.asScala(list).toList();
  }

  private static boolean hasSubquery(LogicalPlan plan) {
    return CollectionConverters.asJava(plan.expressions()).stream()
        .anyMatch(expression -> contains(expression, SubqueryExpression.class));
  }

  /** The optimiser replaces the clock by the time of planning, which is not the batch's. */
  private static boolean readsClock(LogicalPlan plan) {
    return plan.containsPattern(TreePattern.CURRENT_LIKE());
  }

  private static boolean contains(Expression expression, Class<?> type) {
    return type.isInstance(expression)
        || CollectionConverters.asJava(expression.children()).stream()
            .anyMatch(child -> contains(child, type));
  }

  /** The trunk's columns that the path reads, by name. */
  Set<String> reads() {
    Set<String> names = new LinkedHashSet<>();
    Set<Long> trunk = new LinkedHashSet<>();
    CollectionConverters.asJava(moves.get(0).input())
        .forEach(attribute -> trunk.add(attribute.exprId().id()));
    expressions().forEach(expression -> collect(expression, trunk, names));
    return names;
  }

  /** All that it computes. */
  List<Expression> expressions() {
    return moves.stream().flatMap(move -> expressionsOf(move).stream()).toList();
  }

  private static List<Expression> expressionsOf(Move move) {
    return move instanceof Keep keep
        ? List.of(keep.condition())
        : CollectionConverters.asJava(((Reshape) move).columns());
  }

  private static void collect(Expression expression, Set<Long> trunk, Set<String> names) {
    if (expression instanceof Attribute attribute && trunk.contains(attribute.exprId().id())) {
      names.add(attribute.name());
    }
    CollectionConverters.asJava(expression.children())
        .forEach(child -> collect(child, trunk, names));
  }

  /** The same path over a trunk that has only these columns. */
  RowPath over(Set<String> columns) {
    List<Move> slim = new ArrayList<>(moves);
    Move first = moves.get(0);
    List<Attribute> kept =
        CollectionConverters.asJava(first.input()).stream()
            .filter(attribute -> columns.contains(attribute.name()))
            .toList();
    Set<Long> dropped = new LinkedHashSet<>();
    CollectionConverters.asJava(first.input())
        .forEach(attribute -> dropped.add(attribute.exprId().id()));
    kept.forEach(attribute -> dropped.remove(attribute.exprId().id()));
    for (int i = 0; i < slim.size(); i++) {
      slim.set(i, without(slim.get(i), dropped));
      if (slim.get(i) instanceof Reshape) {
        break;
      }
    }
    return new RowPath(List.copyOf(slim), output);
  }

  private static Move without(Move move, Set<Long> dropped) {
    List<Attribute> kept =
        CollectionConverters.asJava(move.input()).stream()
            .filter(attribute -> !dropped.contains(attribute.exprId().id()))
            .toList();
    Seq<Attribute> input = CollectionConverters.asScala(kept).toList();
    return move instanceof Keep keep
        ? new Keep(keep.condition(), input)
        : new Reshape(((Reshape) move).columns(), input);
  }

  /** The path made ready for the rows of one partition; what comes out goes to {@code next}. */
  Consumer<InternalRow> open(int partition, Consumer<InternalRow> next) {
    Consumer<InternalRow> row = next;
    for (int i = moves.size() - 1; i >= 0; i--) {
      row = open(moves.get(i), partition, row);
    }
    return row;
  }

  private static Consumer<InternalRow> open(Move move, int partition, Consumer<InternalRow> next) {
    if (move instanceof Keep keep) {
      BasePredicate condition = Predicate.create(keep.condition(), keep.input());
      condition.initialize(partition);
      return row -> {
        if (condition.eval(row)) {
          next.accept(row);
        }
      };
    }
    Reshape reshape = (Reshape) move;
    UnsafeProjection columns = UnsafeProjection.create(reshape.columns(), reshape.input());
    columns.initialize(partition);
    return row -> next.accept(columns.apply(row));
  }
}
