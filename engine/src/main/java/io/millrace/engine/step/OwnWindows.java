package io.millrace.engine.step;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.Metadata;
import scala.Option;

/**
 * Windows that Spark has no expression for. Their end is a column that carries the watermark, which
 * closes groups as it closes a window of Spark's: when it has passed the end.
 */
sealed interface OwnWindows {
  /** The column with the start of a window. */
  String START = "_start";

  /** The column with its end, which carries the watermark. */
  String END = "_end";

  /** The end in microseconds. */
  String MICROS = "_end_micros";

  /** Where the windows of a time begin and end; several ends as an array. Microseconds. */
  record Span(Expression start, Expression end) {}

  /** The windows of a time in microseconds. */
  Span span(Expression micros);

  /** When the last window of a time ends, in microseconds. */
  Expression last(Expression micros);

  /** Whether a row belongs to several windows. */
  default boolean several() {
    return false;
  }

  /** All rows of one event time. */
  record Snapshot() implements OwnWindows {
    @Override
    public Span span(Expression micros) {
      return new Span(micros, micros);
    }

    @Override
    public Expression last(Expression micros) {
      return micros;
    }
  }

  /** Windows of a length, and their parts, which grow by a step. */
  record Growing(Duration every, Duration offset, Duration step) implements OwnWindows {
    @Override
    public Span span(Expression micros) {
      Expression start = floor(micros, offset, every);
      Expression gone =
          Catalyst.call("div", Catalyst.call("-", micros, start), Catalyst.whole(step));
      Expression first =
          Catalyst.call(
              "+",
              start,
              Catalyst.call(
                  "*", Catalyst.call("+", gone, Catalyst.whole(1)), Catalyst.whole(step)));
      return new Span(start, Catalyst.call("sequence", first, last(micros), Catalyst.whole(step)));
    }

    @Override
    public Expression last(Expression micros) {
      return Catalyst.call("+", floor(micros, offset, every), Catalyst.whole(every));
    }

    @Override
    public boolean several() {
      return true;
    }
  }

  /** Whole days by the clocks of a zone, of which some have 23 or 25 hours. */
  record Days(Duration every, Duration offset, String zone) implements OwnWindows {
    @Override
    public Span span(Expression micros) {
      return new Span(universal(start(micros)), last(micros));
    }

    @Override
    public Expression last(Expression micros) {
      return universal(Catalyst.call("+", start(micros), Catalyst.whole(every)));
    }

    private Expression start(Expression micros) {
      return floor(shifted("from_utc_timestamp", micros), offset, every);
    }

    private Expression universal(Expression local) {
      return shifted("to_utc_timestamp", local);
    }

    private Expression shifted(String function, Expression micros) {
      return Catalyst.call(
          "unix_micros",
          Catalyst.call(function, Catalyst.call("timestamp_micros", micros), Catalyst.text(zone)));
    }
  }

  /** The last time before another that is a multiple of a length, counted from an offset. */
  static Expression floor(Expression micros, Duration offset, Duration every) {
    Expression counted =
        offset.isZero() ? micros : Catalyst.call("-", micros, Catalyst.whole(offset));
    return Catalyst.call("-", micros, Catalyst.call("pmod", counted, Catalyst.whole(every)));
  }

  /**
   * Rows that have a time, each once for each of its windows, with the columns {@link #START} and
   * {@link #END} beside their own.
   *
   * @param time the column with the time
   * @param mark its watermark
   * @param open leaves out windows that are closed, asked with their ends in microseconds
   */
  default LogicalPlan over(
      LogicalPlan rows,
      String time,
      Option<Metadata> mark,
      Optional<UnaryOperator<Expression>> open) {
    Span span = span(Catalyst.call("unix_micros", Catalyst.column(time)));
    Expression ends = several() ? Catalyst.call("explode", span.end()) : span.end();
    LogicalPlan windows =
        Catalyst.project(
            List.of(
                Catalyst.all(),
                Catalyst.as(START, Catalyst.call("timestamp_micros", span.start())),
                Catalyst.as(MICROS, ends)),
            new Filter(new IsNotNull(Catalyst.column(time)), rows));
    if (open.isPresent() && several()) {
      windows = new Filter(open.get().apply(Catalyst.column(MICROS)), windows);
    }
    Expression end = Catalyst.call("timestamp_micros", Catalyst.column(MICROS));
    return Catalyst.project(List.of(Catalyst.all(), Catalyst.as(END, end, mark)), windows);
  }
}
