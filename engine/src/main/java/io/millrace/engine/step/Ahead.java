package io.millrace.engine.step;

import io.millrace.engine.spi.Durations;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestamp;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.runtime.AbstractFunction2;

/**
 * Times too far ahead of the batch's own, which Spark notes with the batch: when that comes again,
 * they are the same.
 */
record Ahead(String time, Duration bound) {
  /** The rule that such a row breaks. */
  static final String RULE = "max-ahead";

  /** Whether a row's time is. One without a time is not. */
  Expression condition() {
    return new GreaterThan(
        instant(), Catalyst.call("timestamp_micros", Catalyst.call("+", now(), micros())));
  }

  /** Both times, as a person reads them. */
  Expression reason() {
    return Catalyst.call(
        new Reason(time, bound),
        DataTypes.StringType,
        List.of(Catalyst.call("unix_micros", instant()), now()));
  }

  private Expression instant() {
    return new Cast(
        Catalyst.named(time), DataTypes.TimestampType, Option.empty(), EvalMode.LEGACY());
  }

  private static Expression now() {
    return Catalyst.call("unix_micros", new CurrentTimestamp());
  }

  private Expression micros() {
    return Catalyst.whole(bound);
  }

  private static final class Reason extends AbstractFunction2<Object, Object, Object>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final String column;
    private final Duration bound;

    Reason(String column, Duration bound) {
      this.column = column;
      this.bound = bound;
    }

    @Override
    public Object apply(@Nullable Object time, Object now) {
      return "Too far ahead: %s %s, taken until %s, %s ahead of the batch's time %s"
          .formatted(
              column,
              time == null ? "null" : instant((Long) time),
              instant((Long) now).plus(bound),
              Durations.text(bound),
              instant((Long) now));
    }

    private static Instant instant(long micros) {
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
  }
}
