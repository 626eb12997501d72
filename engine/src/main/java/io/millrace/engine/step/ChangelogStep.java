package io.millrace.engine.step;

import io.millrace.engine.fold.Changelog;
import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;

/**
 * What changes of rows mean to the whole: when a row of a key is newer than the one that is known,
 * that one is given once more, with {@code operation} delete, and the newer one with insert. So a
 * total of what is inserted less what is deleted is that of the rows as they are now. Rows may come
 * in any order and more than once. What the rows of one batch change is given once.
 */
public record ChangelogStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String GONE = "_gone";
  private static final String OPERATION = "operation";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that tell rows apart; of each key the newest row counts") List<String> keys,
      @Doc(
              "Columns that tell which of two rows of a key is newer, such as [sequence]; a second"
                  + " column breaks ties. Of equal ones the one with the later offset")
          List<String> orderBy,
      @Doc(
              "Condition in SQL on a row that says that its key is gone, such as operation ="
                  + " 'delete'; without, no row does")
          Optional<String> deleteWhen,
      @Doc(
              "Remember the newest row of every key for ever: has to be true. That of a key that is"
                  + " gone is kept too, so that an older one does not bring it back")
          @Default("false")
          boolean unbounded) {
    public Settings {
      keys = List.copyOf(keys);
      orderBy = List.copyOf(orderBy);
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("Missing keys. Write keys: [id]");
      }
      if (orderBy.isEmpty()) {
        throw new IllegalArgumentException(
            "Missing order-by. Write the columns that tell which row is newer: order-by: [sequence]");
      }
      if (!unbounded) {
        throw new IllegalArgumentException(
            "Needs to keep the newest row of every key of "
                + keys
                + " for ever. Write unbounded: true if that is meant");
      }
    }
  }

  @Override
  public boolean stateful() {
    return true;
  }

  @Override
  public boolean unbounded() {
    return settings.unbounded();
  }

  @Override
  public List<Keeping> keeping() {
    return List.of(new Keeping.Keys(settings.keys(), Optional.empty()));
  }

  @Override
  public Effect effect() {
    return Effect.GATHERS;
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of("it brings rows together by its keys");
  }

  @Override
  public List<TextFault> faults() {
    return settings.deleteWhen().stream()
        .flatMap(text -> Catalyst.faults(() -> Catalyst.expression("delete-when", text)))
        .toList();
  }

  @Override
  public boolean takesLate() {
    return true;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    Keyed keyed = Keyed.arriving(inputs.get(0).plan(), "keys", settings.keys());
    Newer newer = Newer.of(keyed.rows(), "order-by", settings.orderBy());
    List<Keyed.Told> shown = keyed.shown().stream().map(Keyed.Told::of).toList();
    List<Keyed.Told> passed =
        shown.stream().filter(column -> !column.name().equalsIgnoreCase(OPERATION)).toList();
    List<Keyed.Told> told = new ArrayList<>(shown);
    told.add(Keyed.Told.holds(GONE, gone()));
    List<String> names = passed.stream().map(Keyed.Told::name).toList();
    StructType gives = Given.of(passed).with(Changelog.OPERATION).columns();
    return keyed.arrived(told, rows -> fold(rows, newer, names), gives, Optional.empty());
  }

  private Expression gone() {
    return settings
        .deleteWhen()
        .map(text -> Catalyst.expression("delete-when", text))
        .orElseGet(() -> Catalyst.truth(false));
  }

  private static Fold fold(StructType rows, Newer newer, List<String> passed) {
    return new Changelog(
        newer.over(rows), rows.fieldIndex(GONE), Values.of(rows, passed), rows.length());
  }
}
