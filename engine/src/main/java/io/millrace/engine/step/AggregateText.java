package io.millrace.engine.step;

import io.millrace.engine.fold.Reservoir;
import io.millrace.engine.spi.TextFault;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.analysis.Star;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.Complete$;
import org.apache.spark.sql.types.DataTypes;

/**
 * Aggregates as a job writes them: Spark's, and two that Spark does not have over streams. {@code
 * count(distinct x)} counts a set of the values, which is kept whole; {@code reservoir(x, n)} is a
 * sample of them.
 */
final class AggregateText {
  private static final String RESERVOIR = "reservoir";

  /** How many values a sample may have: each of its windows keeps as many. */
  private static final long MOST = 100_000;

  private AggregateText() {}

  /** The faults of aggregates under a setting, each of which has a name. */
  static List<TextFault> faults(String setting, Map<String, String> texts) {
    return texts.entrySet().stream()
        .flatMap(
            each -> Catalyst.faults(() -> parsed(setting + "." + each.getKey(), each.getValue())))
        .toList();
  }

  /**
   * An expression over aggregates.
   *
   * @throws TextFault if it cannot be read
   */
  static Expression parsed(String setting, String text) {
    return Catalyst.replaced(Catalyst.expression(setting, text), part -> own(setting, part));
  }

  private static Optional<Expression> own(String setting, Expression part) {
    if (!(part instanceof UnresolvedFunction call) || call.nameParts().size() > 1) {
      return Optional.empty();
    }
    String name = call.nameParts().head().toLowerCase(Locale.ROOT);
    if (name.equals(RESERVOIR)) {
      return Optional.of(reservoir(setting, call));
    }
    boolean all = Catalyst.list(call.arguments()).stream().anyMatch(Star.class::isInstance);
    return name.equals("count") && call.isDistinct() && !all
        ? Optional.of(counted(call))
        : Optional.empty();
  }

  /** How many values, or combinations of values without null, there are in a set of them. */
  private static Expression counted(UnresolvedFunction call) {
    List<Expression> values = Catalyst.list(call.arguments());
    Expression value = values.get(0);
    if (values.size() > 1) {
      Expression all =
          values.stream().<Expression>map(IsNotNull::new).reduce(And::new).orElseThrow();
      value =
          Catalyst.call(
              "if",
              all,
              Catalyst.call("struct", values.toArray(Expression[]::new)),
              new Literal(null, DataTypes.NullType));
    }
    Expression set =
        new UnresolvedFunction(
            Catalyst.seq(List.of("collect_set")),
            Catalyst.seq(List.of(value)),
            false,
            call.filter(),
            false,
            Catalyst.seq(List.of()),
            false);
    return Catalyst.call("bigint", Catalyst.call("size", set));
  }

  private static Expression reservoir(String setting, UnresolvedFunction call) {
    List<Expression> given = Catalyst.list(call.arguments());
    Optional<Long> most = whole(given, 1);
    Optional<Long> seed = given.size() > 3 ? whole(given, 3) : Optional.of(0L);
    if (given.size() > 4
        || call.isDistinct()
        || seed.isEmpty()
        || most.filter(n -> n > 0 && n <= MOST).isEmpty()) {
      throw Catalyst.fault(
          setting,
          call.origin(),
          "Expected reservoir(value, n), reservoir(value, n, identity) or reservoir(value, n,"
              + " identity, seed), where n is from 1 to "
              + MOST
              + " and seed is a whole number, found "
              + call.sql());
    }
    Expression identity = given.size() > 2 ? given.get(2) : given.get(0);
    return new AggregateExpression(
        new Reservoir(given.get(0), identity, most.get().intValue(), seed.get()),
        Complete$.MODULE$,
        false,
        call.filter(),
        NamedExpression.newExprId());
  }

  private static Optional<Long> whole(List<Expression> given, int place) {
    return Stream.of(place)
        .filter(i -> i < given.size())
        .map(given::get)
        .filter(part -> part instanceof Literal)
        .map(part -> ((Literal) part).value())
        .filter(value -> value instanceof Integer || value instanceof Long)
        .map(value -> ((Number) value).longValue())
        .findFirst();
  }
}
