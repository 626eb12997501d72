package io.millrace.engine.step;

import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Running;
import io.millrace.engine.fold.Span;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;

/**
 * Adds aggregates over a row and all rows of its key before it in event time: running totals,
 * counts, highest values so far.
 */
public record RunningStep(Settings settings) implements OrderedStep {
  private static final long serialVersionUID = 1;

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that rows are grouped by; without, all rows are of one group") List<String> by,
      @Doc("Columns that are added: a name, and an aggregate expression in SQL")
          Map<String, String> aggregate,
      @Doc("How long a key may be silent, in event time, until it begins anew")
          Optional<Duration> forget,
      @Doc("Remember every key for ever, where no forget sets an end") @Default("false")
          boolean unbounded) {
    public Settings {
      by = List.copyOf(by);
      WindowChecks.results(List.of(), List.of(), aggregate.keySet());
      Forgetting.check(by, forget, unbounded);
    }
  }

  @Override
  public List<Keeping> keeping() {
    return Forgetting.keeping(settings.by(), settings.forget());
  }

  @Override
  public boolean unbounded() {
    return settings.unbounded();
  }

  @Override
  public List<TextFault> faults() {
    return AggregateText.faults("aggregate", settings.aggregate());
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    Aggregates aggregates = Aggregates.of(rows, settings.aggregate());
    Keyed keyed = Keyed.by(rows, settings.by());
    List<Keyed.Told> shown = keyed.shown().stream().map(Keyed.Told::of).toList();
    List<String> passed = shown.stream().map(Keyed.Told::name).toList();
    List<Keyed.Told> told = Keyed.Told.together(shown, aggregates.told());
    Given gives = Given.passing(shown, Keyed.BEFORE).with(aggregates.reading(told, Keyed.BEFORE));
    return keyed.ordered(
        told, types -> fold(types, passed, aggregates, told), gives.columns(), keyed.time().name());
  }

  private Fold fold(
      StructType types, List<String> passed, Aggregates aggregates, List<Keyed.Told> told) {
    return new Running(
        aggregates.over(types, told),
        Values.of(types, passed),
        types.length(),
        Span.of(settings.forget()));
  }
}
