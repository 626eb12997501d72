package io.millrace.engine.step;

import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.Option;

/**
 * A running total per key, over all rows since the first batch: the {@code by} columns, then the
 * aggregates. A sink in mode {@code update} gets the keys that a batch has changed, one in mode
 * {@code complete} all of them. As DStreams it is {@code updateStateByKey}.
 */
public record UpdateStateStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final Map<String, Carried.Fold> FOLDS = new LinkedHashMap<>();

  static {
    FOLDS.put("count", Carried.Fold.ADD);
    FOLDS.put("sum", Carried.Fold.ADD);
    FOLDS.put("min", Carried.Fold.LEAST);
    FOLDS.put("max", Carried.Fold.GREATEST);
  }

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that make the key") List<String> by,
      @Doc("Totals: a name, and count, sum, min or max of an expression in SQL")
          Map<String, String> aggregate,
      @Doc(
              "With engine: dstream, how long a key is known that no row has; it begins anew when"
                  + " one comes later")
          Optional<Duration> keep,
      @Doc("Remember every key for ever") @Default("false") boolean unbounded) {
    public Settings {
      by = List.copyOf(by);
      if (by.isEmpty()) {
        throw new IllegalArgumentException("Missing by. A total belongs to a key: write by: [id]");
      }
      WindowChecks.results(List.of(), by, aggregate.keySet());
      if (keep.isPresent() == unbounded) {
        throw new IllegalArgumentException(
            "Needs an end, or to be told that there is none. Write keep: 1h, or unbounded: true,"
                + " and not both");
      }
      keep.filter(time -> time.isZero() || time.isNegative())
          .ifPresent(
              time -> {
                throw new IllegalArgumentException(
                    "Expected keep to be longer than 0s, found " + Durations.text(time));
              });
    }
  }

  @Override
  public boolean stateful() {
    return true;
  }

  @Override
  public boolean unbounded() {
    return true;
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of("it gives results of its own, when totals change");
  }

  @Override
  public List<TextFault> faults() {
    return settings.aggregate().entrySet().stream()
        .flatMap(total -> Catalyst.faults(() -> fold(total.getKey(), total.getValue())))
        .toList();
  }

  @Override
  public Optional<Carried> carried() {
    List<Carried.Fold> folds =
        settings.aggregate().entrySet().stream()
            .map(total -> fold(total.getKey(), total.getValue()))
            .toList();
    return Optional.of(new Carried.Totals(settings.by(), folds, settings.keep()));
  }

  @Override
  public List<Keeping> keeping() {
    return List.of(new Keeping.Keys(settings.by(), settings.keep()));
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    List<Expression> keys = new ArrayList<>();
    List<NamedExpression> results = new ArrayList<>();
    for (String column : settings.by()) {
      keys.add(Catalyst.named(column));
      results.add(Catalyst.named(column));
    }
    settings
        .aggregate()
        .forEach((name, text) -> results.add(Catalyst.as(name, expression(name, text))));
    return new Aggregate(Catalyst.seq(keys), Catalyst.seq(results), rows, Option.empty());
  }

  private static Expression expression(String name, String text) {
    return Catalyst.expression("aggregate." + name, text);
  }

  private static Carried.Fold fold(String name, String text) {
    Expression total = expression(name, text);
    Carried.Fold fold =
        total instanceof UnresolvedFunction call
                && call.nameParts().size() == 1
                && !call.isDistinct()
            ? FOLDS.get(call.nameParts().head().toLowerCase(Locale.ROOT))
            : null;
    if (fold == null) {
      Set<String> known = FOLDS.keySet();
      throw new TextFault(
          "aggregate." + name,
          1,
          1,
          "Cannot carry '"
              + text
              + "' from batch to batch. Write one of "
              + String.join(", ", known)
              + " of an expression, without distinct, and work out the rest in a sql step below");
    }
    return fold;
  }
}
