package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestamp;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SessionWindow;
import org.apache.spark.sql.catalyst.expressions.TimeWindow;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;

/**
 * Aggregates per window of time: tumbling ({@code every}), hopping ({@code every} and {@code size})
 * or session. It gives {@code window_start} and {@code window_end}, the {@code by} columns, then
 * the aggregates.
 *
 * <p>An event time needs a watermark above. {@code ingested} and {@code processed} bring their own,
 * without delay: such a window closes as soon as a later row has come. So they stand on streams
 * that have none yet: Spark takes one watermark per path.
 */
public record WindowStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String START = "window_start";
  private static final String END = "window_end";
  private static final String WINDOW = "_window";
  private static final String TIME = "_time";
  private static final String INGESTED = "ingested";
  private static final String PROCESSED = "processed";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Column with the event time, or ingested (the broker's or the file's), or processed")
          String time,
      @Doc("How often a window starts") Optional<Duration> every,
      @Doc("How long a window is, by default as long as every") Optional<Duration> size,
      @Doc("How long a key must be silent to end its session") Optional<Duration> session,
      @Doc("Columns that rows are grouped by") List<String> by,
      @Doc("Results: a name, and an aggregate expression in SQL") Map<String, String> aggregate) {
    public Settings {
      by = List.copyOf(by);
      if (time.isBlank()) {
        throw new IllegalArgumentException(
            "Missing time. Write a timestamp column, ingested or processed");
      }
      if (every.isPresent() == session.isPresent()) {
        throw new IllegalArgumentException(
            "Needs either every or session, found "
                + (every.isPresent() ? "both" : "none")
                + ". Write every: 1m for windows on the clock, session: 5m for sessions");
      }
      every.ifPresent(value -> positive("every", value));
      size.ifPresent(value -> positive("size", value));
      session.ifPresent(value -> positive("session", value));
      if (session.isPresent() && size.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot give a session a size: " + Durations.text(size.get()) + ". Leave out size");
      }
      if (session.isPresent() && by.isEmpty()) {
        throw new IllegalArgumentException(
            "Missing by. A session belongs to a key: write by: [user_id]");
      }
      if (every.isPresent() && size.isPresent() && size.get().compareTo(every.get()) < 0) {
        throw new IllegalArgumentException(
            "Cannot start a window of "
                + Durations.text(size.get())
                + " only every "
                + Durations.text(every.get())
                + ": rows between two windows would be lost. Write a size of at least every");
      }
      if (aggregate.isEmpty()) {
        throw new IllegalArgumentException(
            "Missing aggregate. Write at least one, such as {rows: count(1)}");
      }
      unique(by, aggregate.keySet());
    }

    private static void positive(String key, Duration value) {
      if (value.isZero() || value.isNegative()) {
        throw new IllegalArgumentException(
            "Expected " + key + " to be longer than 0s, found " + Durations.text(value));
      }
    }

    private static void unique(List<String> by, Set<String> results) {
      Set<String> names = new HashSet<>(List.of(START, END));
      List<String> all = new ArrayList<>(by);
      all.addAll(results);
      for (String name : all) {
        if (!names.add(name)) {
          throw new IllegalArgumentException(
              "Cannot give two columns the name " + name + ". Rename one of them");
        }
      }
    }

    /** Whether a row lies in several windows. */
    boolean overlap() {
      return every.isPresent() && size.isPresent() && size.get().compareTo(every.get()) > 0;
    }

    /** Whether the job must give the time column a watermark above this step. */
    boolean eventTime() {
      return !time.equals(INGESTED) && !time.equals(PROCESSED);
    }
  }

  @Override
  public boolean stateful() {
    return true;
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of("it gives results of its own, when windows change or close");
  }

  @Override
  public Effect effect() {
    return Effect.GATHERS;
  }

  /** The end of its last window. A window in processing time is closed by no row. */
  @Override
  public Optional<Expression> onTimeUntil(Input rows) {
    if (settings.time().equals(PROCESSED)) {
      return Optional.empty();
    }
    Expression time =
        Catalyst.call(
            "unix_micros",
            settings.eventTime()
                ? Catalyst.named(settings.time())
                : Catalyst.column(Columns.SOURCE, "timestamp"));
    if (settings.session().isPresent()) {
      return Optional.of(Catalyst.call("+", time, whole(settings.session().get())));
    }
    Duration every = settings.every().orElseThrow();
    Expression start = Catalyst.call("-", time, Catalyst.call("pmod", time, whole(every)));
    return Optional.of(Catalyst.call("+", start, whole(settings.size().orElse(every))));
  }

  private static Expression whole(Duration duration) {
    return Catalyst.whole(Catalyst.micros(duration));
  }

  @Override
  public Optional<String> closesAt() {
    return Optional.of(END);
  }

  @Override
  public List<TextFault> faults() {
    return settings.aggregate().entrySet().stream()
        .flatMap(result -> Catalyst.faults(() -> aggregate(result.getKey(), result.getValue())))
        .toList();
  }

  private static Expression aggregate(String name, String text) {
    return Catalyst.expression("aggregate." + name, text);
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    return grouped(timed(inputs.get(0).plan()), Catalyst.as(WINDOW, window()));
  }

  /** Of several windows that a row lies in, some may be closed and others not. */
  @Override
  public LogicalPlan plan(List<Input> inputs, UnaryOperator<Expression> open) {
    if (!settings.overlap() || !settings.eventTime()) {
      return plan(inputs);
    }
    LogicalPlan rows = inputs.get(0).plan();
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(rows.output()));
    columns.add(Catalyst.as(WINDOW, window()));
    Expression end = Catalyst.call("unix_micros", Catalyst.column(WINDOW, "end"));
    LogicalPlan windows = new Filter(open.apply(end), Catalyst.project(columns, rows));
    return grouped(windows, Catalyst.column(WINDOW));
  }

  private LogicalPlan grouped(LogicalPlan rows, NamedExpression window) {
    List<Expression> groups = new ArrayList<>();
    List<NamedExpression> results = new ArrayList<>();
    groups.add((Expression) window);
    results.add(window);
    for (String column : settings.by()) {
      groups.add(Catalyst.named(column));
      results.add(Catalyst.named(column));
    }
    settings
        .aggregate()
        .forEach((name, text) -> results.add(Catalyst.as(name, aggregate(name, text))));
    return plain(new Aggregate(Catalyst.seq(groups), Catalyst.seq(results), rows, Option.empty()));
  }

  private LogicalPlan timed(LogicalPlan rows) {
    if (settings.eventTime()) {
      return rows;
    }
    Expression time =
        settings.time().equals(PROCESSED)
            ? new CurrentTimestamp()
            : Catalyst.column(Columns.SOURCE, "timestamp");
    if (settings.time().equals(INGESTED) && Catalyst.attribute(rows, Columns.SOURCE).isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot use 'ingested' here: the rows no longer say when they came in. Use it before"
              + " they are joined or aggregated, on a source that has the time");
    }
    Catalyst.refuseSecondWatermark(rows, "time: " + settings.time());
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(rows.output()));
    columns.add(Catalyst.as(TIME, time));
    return new EventTimeWatermark(
        UUID.randomUUID(),
        Catalyst.column(TIME),
        Catalyst.interval(Duration.ZERO),
        Catalyst.project(columns, rows));
  }

  private Expression window() {
    Expression time =
        settings.eventTime() ? Catalyst.named(settings.time()) : Catalyst.column(TIME);
    if (settings.session().isPresent()) {
      return new SessionWindow(
          time,
          new Literal(Catalyst.interval(settings.session().get()), DataTypes.CalendarIntervalType));
    }
    Duration every = settings.every().orElseThrow();
    return new TimeWindow(
        time, Catalyst.micros(settings.size().orElse(every)), Catalyst.micros(every), 0);
  }

  private LogicalPlan plain(LogicalPlan grouped) {
    List<NamedExpression> columns = new ArrayList<>();
    columns.add(Catalyst.as(START, Catalyst.column(WINDOW, "start")));
    columns.add(Catalyst.as(END, Catalyst.column(WINDOW, "end")));
    settings.by().forEach(column -> columns.add(Catalyst.column(column)));
    settings.aggregate().keySet().forEach(name -> columns.add(Catalyst.column(name)));
    return Catalyst.project(columns, grouped);
  }
}
