package io.millrace.engine.step;

import io.millrace.engine.fold.Changes;
import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Span;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Keeping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;

/**
 * Lets a row through if something differs from the row of its key before it in event time. It gives
 * the columns of the row, and what was there before as {@code previous_} columns. A result comes
 * once, when the watermark has passed its row, and does not depend on how the rows came.
 */
public record ChangesStep(Settings settings) implements OrderedStep {
  private static final long serialVersionUID = 1;

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that say whose changes they are; without, all rows are of one") List<String> by,
      @Doc("Columns that are compared with those of the row before") List<String> of,
      @Doc("What becomes of the first row of a key, which has none before it") @Default("keep")
          Changes.First first,
      @Doc("How long a key may be silent, in event time, until its next row counts as the first")
          Optional<Duration> forget,
      @Doc("Remember every key for ever, where no forget sets an end") @Default("false")
          boolean unbounded) {
    public Settings {
      by = List.copyOf(by);
      of = List.copyOf(of);
      if (of.isEmpty()) {
        throw new IllegalArgumentException("Missing of. Write of: [status]");
      }
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
  public LogicalPlan plan(List<Input> inputs) {
    Keyed keyed = Keyed.by(inputs.get(0).plan(), settings.by());
    List<Attribute> watched = Catalyst.known(keyed.rows(), "of", settings.of());
    watched.forEach(ChangesStep::refuseMaps);
    List<Keyed.Told> told = keyed.shown().stream().map(Keyed.Told::of).toList();
    List<String> passed = told.stream().map(Keyed.Told::name).toList();
    Given gives = Given.of(told);
    for (Attribute column : watched) {
      gives = gives.with("previous_" + column.name(), column.dataType());
    }
    List<String> names = watched.stream().map(Attribute::name).toList();
    return keyed.ordered(
        told, rows -> fold(rows, names, passed), gives.columns(), keyed.time().name());
  }

  /** Two maps with the same entries need not look the same. */
  private static void refuseMaps(Attribute column) {
    if (!RowOrdering.isOrderable(column.dataType())) {
      throw new IllegalArgumentException(
          "Cannot compare "
              + column.name()
              + ": it is a "
              + column.dataType().simpleString()
              + ". Name its entries in a step above");
    }
  }

  private Fold fold(StructType rows, List<String> watched, List<String> passed) {
    return new Changes(
        Values.of(rows, watched),
        Values.of(rows, passed),
        rows.length(),
        settings.first(),
        Span.of(settings.forget()));
  }
}
