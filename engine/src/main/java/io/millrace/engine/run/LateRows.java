package io.millrace.engine.run;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Late;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;

/**
 * Rows that come when state has closed what they belong to, told as Spark's state tells them: by
 * the watermark of the batch before, which the driver sets for the tasks of each batch.
 */
final class LateRows {
  /** That watermark, in milliseconds; absent where no row is late. */
  static final String WATERMARK = "millrace.late.watermark";

  private static final String RULE = "late";
  private static final String REASON = "_late";

  private LateRows() {}

  /** What a step takes rows by. Event times are in microseconds. */
  static final class Gate implements Serializable {
    private static final long serialVersionUID = 1;

    private final boolean timeless;
    private transient boolean known;
    private transient long watermark;

    /**
     * A gate.
     *
     * @param timeless whether it is closed for a row without a time
     */
    Gate(boolean timeless) {
      this.timeless = timeless;
    }

    boolean closed(@Nullable Object until) {
      return until == null ? timeless : (Long) until <= watermark();
    }

    private long watermark() {
      if (!known) {
        TaskContext task = TaskContext.get();
        String set = task == null ? null : task.getLocalProperty(WATERMARK);
        watermark = set == null ? Long.MIN_VALUE : Long.parseLong(set) * 1_000;
        known = true;
      }
      return watermark;
    }
  }

  /**
   * Counts late rows and those on time; late ones that are to be kept it takes out, for they go
   * another way.
   */
  static final class Count extends AbstractFunction1<Object, Object>
      implements CountedRow.Counting, Serializable {
    private static final long serialVersionUID = 1;

    private final CountedRow.Cells cells;
    private final int onTime;
    private final int late;
    private final Gate gate;
    private final Late fate;

    Count(CountedRow.Cells cells, int onTime, int late, Gate gate, Late fate) {
      this.cells = cells;
      this.onTime = onTime;
      this.late = late;
      this.gate = gate;
      this.fate = fate;
    }

    @Override
    public Count in(IntUnaryOperator others) {
      return new Count(cells, others.applyAsInt(onTime), others.applyAsInt(late), gate, fate);
    }

    @Override
    public Object apply(@Nullable Object until) {
      if (!gate.closed(until)) {
        cells.tally().count(onTime);
        return true;
      }
      cells.tally().count(late);
      return fate == Late.DROP;
    }
  }

  /** Whether a place that a row belongs to is open. */
  static final class Open extends AbstractFunction1<Object, Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private final Gate gate;

    Open(Gate gate) {
      this.gate = gate;
    }

    @Override
    public Object apply(@Nullable Object until) {
      return !gate.closed(until);
    }
  }

  /** How late a row is, as a person reads it; null where it is on time. */
  static final class Reason extends AbstractFunction2<Object, Object, @Nullable Object>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final Gate gate;
    private final String column;

    Reason(Gate gate, String column) {
      this.gate = gate;
      this.column = column;
    }

    @Override
    public @Nullable Object apply(@Nullable Object until, @Nullable Object time) {
      if (!gate.closed(until)) {
        return null;
      }
      if (until == null || time == null) {
        return "Late: " + column + " is null";
      }
      long by = (gate.watermark() - (Long) until) / 1_000;
      return "Late by %s: %s %s, taken until the watermark was %s, and it was %s"
          .formatted(
              Durations.text(Duration.ofMillis(by)),
              column,
              instant((Long) time),
              instant((Long) until),
              instant(gate.watermark()));
    }

    private static Instant instant(long micros) {
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
  }

  /**
   * The rows that come to a step, those that are late for it tagged as its dead letters. A row that
   * was not decoded from bytes is its own raw value, as JSON.
   *
   * @param until when each is late, in event time
   */
  static Dataset<Row> tagged(String step, Gate gate, Expression until, Dataset<Row> rows) {
    Optional<Attribute> time = time(rows);
    if (time.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot keep rows that are late for "
              + step
              + ": their time comes without a watermark. Leave out late: keep");
    }
    Expression reason =
        Catalyst.call(
            new Reason(gate, time.get().name()),
            DataTypes.StringType,
            List.of(until, Catalyst.micros(time.get())));
    boolean tagged = Frames.has(rows, Columns.DEAD);
    Expression late =
        tagged
            ? new If(
                new IsNotNull(Catalyst.column(Columns.DEAD)),
                new Literal(null, DataTypes.StringType),
                reason)
            : reason;
    Dataset<Row> told = Catalyst.added(rows, REASON, late);
    Column isLate = col(REASON).isNotNull();
    Column letter =
        struct(
            lit(null).cast("string").as("source"),
            lit(step).as("step"),
            lit(RULE).as("rule"),
            col(REASON).as("reason"));
    Column itself = to_json(struct(Frames.shown(rows))).cast("binary");
    return told.withColumn(
            Columns.RAW,
            Frames.has(rows, Columns.RAW)
                ? when(isLate, coalesce(col(Columns.RAW), itself)).otherwise(col(Columns.RAW))
                : when(isLate, itself))
        .withColumn(
            Columns.DEAD,
            tagged ? when(isLate, letter).otherwise(col(Columns.DEAD)) : when(isLate, letter))
        .drop(REASON);
  }

  /** The column with the watermark. */
  private static Optional<Attribute> time(Dataset<Row> rows) {
    return CollectionConverters.asJava(rows.queryExecution().analyzed().output()).stream()
        .filter(column -> column.metadata().contains(EventTimeWatermark.delayKey()))
        .findFirst();
  }
}
