package io.millrace.engine.step;

import io.millrace.engine.fold.Firing;
import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Panes;
import io.millrace.engine.fold.Sessions;
import io.millrace.engine.fold.Sliding;
import io.millrace.engine.fold.Span;
import io.millrace.engine.fold.WindowResult;
import io.millrace.engine.fold.Windows;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Windows that Spark has no operator for: their aggregates are kept by folds. */
record FoldedWindows(WindowStep.Settings settings) {
  private static final String WINDOW = "_window_end";
  static final String END = "window_end";

  LogicalPlan plan(LogicalPlan rows, Optional<UnaryOperator<Expression>> open) {
    Keyed keyed = Keyed.by(rows, settings.by());
    if (!keyed.time().name().equalsIgnoreCase(settings.time())) {
      throw new TextFault(
          "time",
          1,
          1,
          "Expected time to be the column with the watermark, "
              + keyed.time().name()
              + ", found "
              + settings.time());
    }
    Optional<Slices.Sliced> sliced = settings.sliced(rows);
    if (sliced.isPresent()) {
      keyed = Keyed.by(sliced.get().rows(), settings.by());
    }
    Aggregates aggregates =
        sliced
            .map(Slices.Sliced::merging)
            .orElseGet(() -> Aggregates.of(rows, settings.aggregate()));
    Optional<Firing> firing =
        settings
            .trigger()
            .map(trigger -> rows.isStreaming() ? trigger.firing() : trigger.firing().atEnd());
    WindowResult result = result(keyed, aggregates, firing);
    if (settings.every().isPresent()) {
      return panes(keyed, aggregates, result, firing.orElseThrow(), open);
    }
    return settings.merging()
        ? sessions(keyed, aggregates, result, firing.orElseThrow())
        : ordered(keyed, aggregates, result, firing);
  }

  private static WindowResult result(Keyed keyed, Aggregates aggregates, Optional<Firing> firing) {
    List<Keyed.Told> keys = keyed.keys().stream().map(Keyed.Told::of).toList();
    Given gives = new Given(WindowResult.SPAN);
    for (Keyed.Told key : keys) {
      gives = gives.with(key.name(), key.type());
    }
    gives = gives.with(aggregates.types());
    if (firing.isPresent()) {
      gives = gives.with(firing.get().columns());
    }
    return new WindowResult(keys.size(), aggregates.types().length(), gives.columns());
  }

  private LogicalPlan ordered(
      Keyed keyed, Aggregates aggregates, WindowResult result, Optional<Firing> firing) {
    List<Keyed.Told> told = aggregates.told();
    return keyed.ordered(
        told, types -> fold(aggregates, types, told, result, firing), result.given(), END);
  }

  private Fold fold(
      Aggregates aggregates,
      StructType types,
      List<Keyed.Told> told,
      WindowResult result,
      Optional<Firing> firing) {
    if (settings.last().isPresent()) {
      return new Sliding(
          aggregates.over(types, told),
          result,
          Catalyst.micros(settings.last().get()),
          types.length());
    }
    return new Windows(
        aggregates.over(types, told),
        result,
        Span.of(settings.session()),
        Span.of(settings.longest()),
        settings.rows().orElse(0L),
        firing.stream().toList());
  }

  /** Sessions of rows as they come. A row is late when a session of it alone would be over. */
  private LogicalPlan sessions(
      Keyed keyed, Aggregates aggregates, WindowResult result, Firing firing) {
    Duration gap = settings.session().orElseThrow();
    Expression micros = Catalyst.call("unix_micros", keyed.time());
    Expression until = Catalyst.call("+", micros, Catalyst.whole(gap.plus(settings.late())));
    List<Keyed.Told> told = aggregates.told();
    return keyed.gathered(
        new Keyed.Gathering(List.of(), until, rows -> rows),
        told,
        types -> new Sessions(aggregates.over(types, told), result, firing, Catalyst.micros(gap)),
        result.given(),
        settings.late().isZero() ? END : "");
  }

  private LogicalPlan panes(
      Keyed keyed,
      Aggregates aggregates,
      WindowResult result,
      Firing firing,
      Optional<UnaryOperator<Expression>> open) {
    Duration size = settings.length();
    Keyed.Told end = new Keyed.Told(WINDOW, DataTypes.LongType, Catalyst.column(WINDOW));
    List<Keyed.Told> told = new ArrayList<>(aggregates.told());
    told.add(end);
    Expression until = Catalyst.call("+", Catalyst.column(WINDOW), Catalyst.whole(firing.late()));
    return keyed.gathered(
        new Keyed.Gathering(List.of(end), until, rows -> spread(rows, keyed.time(), until, open)),
        told,
        types ->
            new Panes(
                aggregates.over(types, told),
                result,
                firing,
                types.fieldIndex(WINDOW),
                Catalyst.micros(size)),
        result.given(),
        firing.late() > 0 ? "" : END);
  }

  /** Each row once for each of its windows. */
  private LogicalPlan spread(
      LogicalPlan rows,
      Attribute time,
      Expression until,
      Optional<UnaryOperator<Expression>> open) {
    Expression micros = Catalyst.call("unix_micros", time);
    Duration every = settings.every().orElseThrow();
    Expression last = settings.lastEnd(micros);
    boolean several = settings.length().compareTo(every) > 0;
    Expression first =
        Catalyst.call(
            "-",
            last,
            Catalyst.whole(
                (Catalyst.micros(settings.length()) - 1)
                    / Catalyst.micros(every)
                    * Catalyst.micros(every)));
    // Where every does not go into size, the first of these ends before the row.
    Expression ends =
        several
            ? Catalyst.call(
                "explode", Catalyst.call("sequence", first, last, Catalyst.whole(every)))
            : last;
    LogicalPlan each = Catalyst.project(List.of(Catalyst.all(), Catalyst.as(WINDOW, ends)), rows);
    LogicalPlan own =
        several ? new Filter(Catalyst.call(">", Catalyst.column(WINDOW), micros), each) : each;
    return several && open.isPresent() ? new Filter(open.get().apply(until), own) : own;
  }
}
