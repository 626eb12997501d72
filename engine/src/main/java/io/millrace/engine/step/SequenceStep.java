package io.millrace.engine.step;

import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Gaps;
import io.millrace.engine.fold.Span;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StructType;

/**
 * Finds numbers that do not follow each other. It gives a row for each finding: the {@code by}
 * columns and the event time of the row that shows it, then {@code finding} (gap, repeat or
 * restart), the number that was {@code expected} and the one {@code found}. A number is a repeat if
 * it is no higher than one before it. A row without a number is none of the sequence.
 */
public record SequenceStep(Settings settings) implements OrderedStep {
  private static final long serialVersionUID = 1;
  private static final String NUMBER = "_number";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that say whose sequence it is; without, all rows are of one") List<String> by,
      @Doc("Column with whole numbers, of which each is one more than the last") String number,
      @Doc("Number with which a sequence begins anew, as a device does that is switched on")
          Optional<Long> restart,
      @Doc("How long a key may be silent, in event time, until its next row begins a sequence")
          Optional<Duration> forget,
      @Doc("Remember every key for ever, where no forget sets an end") @Default("false")
          boolean unbounded) {
    public Settings {
      by = List.copyOf(by);
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
    Attribute number = number(keyed.rows(), "number", settings.number());
    List<Keyed.Told> passed = new ArrayList<>(keyed.keys().stream().map(Keyed.Told::of).toList());
    if (!keyed.keys().contains(keyed.time())) {
      passed.add(Keyed.Told.of(keyed.time()));
    }
    List<Keyed.Told> told = new ArrayList<>(passed);
    told.add(new Keyed.Told(NUMBER, DataTypes.LongType, Catalyst.call("bigint", number)));
    List<String> names = passed.stream().map(Keyed.Told::name).toList();
    Given gives = Given.of(passed).with(Gaps.FOUND);
    return keyed.ordered(told, rows -> fold(rows, names), gives.columns(), keyed.time().name());
  }

  /** A column of whole numbers that a setting names. */
  static Attribute number(LogicalPlan rows, String setting, String name) {
    Attribute number = Catalyst.known(rows, setting, name);
    if (!(number.dataType() instanceof IntegralType)) {
      throw new TextFault(
          setting,
          1,
          1,
          "Expected %s to be a column of whole numbers, found %s of type %s"
              .formatted(setting, number.name(), number.dataType().simpleString()));
    }
    return number;
  }

  private Fold fold(StructType rows, List<String> passed) {
    return new Gaps(
        rows.fieldIndex(NUMBER),
        Values.of(rows, passed),
        rows.length(),
        settings.restart().stream().toList(),
        Span.of(settings.forget()));
  }
}
