package io.millrace.engine.step;

import io.millrace.engine.fold.Firing;
import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestamp;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SessionWindow;
import org.apache.spark.sql.catalyst.expressions.TimeWindow;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * Aggregates per window of time: tumbling ({@code every}), hopping ({@code every} and {@code
 * size}), cumulating ({@code every} and {@code cumulate}), by the days of a zone, session or
 * snapshot. It gives {@code window_start} and {@code window_end}, the {@code by} columns, then the
 * aggregates.
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

  /** In how many windows a row lies at least, so that slices cost less than they save. */
  private static final int WORTH = 4;

  static final String INGESTED = "ingested";
  static final String PROCESSED = "processed";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Column with the event time, or ingested (the broker's or the file's), or processed")
          String time,
      @Doc("How often a window starts") Optional<Duration> every,
      @Doc("How long a window is, by default as long as every") Optional<Duration> size,
      @Doc(
              "How often the part of a window so far is a result as well: with every: 1d and"
                  + " cumulate: 1h, the first hour, the first two and so on")
          Optional<Duration> cumulate,
      @Doc("How far behind midnight of 1 January 1970, a Thursday, windows are counted from")
          Optional<Duration> offset,
      @Doc("The zone whose days windows of whole days follow, by default UTC")
          Optional<String> zone,
      @Doc("How long a key must be silent to end its session") Optional<Duration> session,
      @Doc("How long a session, or a window of so many rows, may be at most")
          Optional<Duration> longest,
      @Doc("One window for all rows of the same time") @Default("false") boolean snapshot,
      @Doc("One window for so many rows of a key, in the order of their times") Optional<Long> rows,
      @Doc("The rows of the last so long, with a result at every time at which rows come or leave")
          Optional<Duration> last,
      @Doc("When a window gives results besides the one at its end") Optional<Trigger> trigger,
      @Doc(
              "Whether rows of a batch that lie in the same windows are aggregated within their"
                  + " task before they come to these; by itself where it can be and helps")
          Optional<Boolean> slices,
      @Doc("Columns that rows are grouped by") List<String> by,
      @Doc("Results: a name, and an aggregate expression in SQL") Map<String, String> aggregate) {
    public Settings {
      by = List.copyOf(by);
      String kind = WindowChecks.kind(time, every, session, snapshot, rows, last);
      WindowChecks.key(kind, time, by, longest);
      if (every.isPresent()) {
        WindowChecks.clock(every.get(), size, cumulate, offset, zone);
      } else {
        WindowChecks.noClock(kind, size, cumulate, offset, zone);
      }
      WindowChecks.folded(kind, time, longest, trigger, zone.isPresent() || cumulate.isPresent());
      if (slices.equals(Optional.of(true))) {
        WindowChecks.slices(every, size, cumulate, trigger)
            .ifPresent(
                sentence -> {
                  throw new IllegalArgumentException(sentence);
                });
      }
      WindowChecks.results(List.of(START, END), by, aggregate.keySet());
    }

    Duration from() {
      return offset.orElse(Duration.ZERO);
    }

    /** How long a window on the clock is. */
    Duration length() {
      return size.or(() -> every).orElseThrow();
    }

    /** How often one of them begins, or grows. */
    private Duration step() {
      return cumulate.or(() -> every).orElseThrow();
    }

    /** How long behind its end a window takes rows. */
    Duration late() {
      return trigger.flatMap(Trigger::late).orElse(Duration.ZERO);
    }

    /** When the last window on the clock ends that has a time, in microseconds. */
    Expression lastEnd(Expression micros) {
      return Catalyst.call(
          "+", OwnWindows.floor(micros, from(), every.orElseThrow()), Catalyst.whole(length()));
    }

    /** Until when that window takes rows. */
    private Expression taken(Expression micros) {
      Expression end = lastEnd(micros);
      return late().isZero() ? end : Catalyst.call("+", end, Catalyst.whole(late()));
    }

    /** Whether it takes rows in the order of their times. */
    private boolean ordered() {
      return rows.isPresent()
          || last.isPresent()
          || (session.isPresent() && (longest.isPresent() || (trigger.isPresent() && !merging())));
    }

    /** Whether sessions take rows as they come, and so become one with others. */
    boolean merging() {
      return session.isPresent() && trigger.filter(Trigger::timed).isPresent();
    }

    /** The same windows by a fold, where Spark has no operator for them. */
    private Optional<FoldedWindows> folded() {
      return ordered() || trigger.isPresent()
          ? Optional.of(new FoldedWindows(this))
          : Optional.empty();
    }

    /** The windows, where Spark has no expression for them. */
    private Optional<OwnWindows> own() {
      if (snapshot) {
        return Optional.of(new OwnWindows.Snapshot());
      }
      return zone.<OwnWindows>map(name -> new OwnWindows.Days(every.orElseThrow(), from(), name))
          .or(
              () ->
                  cumulate.map(step -> new OwnWindows.Growing(every.orElseThrow(), from(), step)));
    }

    /** Slices of which all rows lie in the same windows, where there are fewer than windows. */
    private Optional<Slices> cut() {
      return WindowChecks.slices(every, size, cumulate, trigger).isPresent()
          ? Optional.empty()
          : Optional.of(
              new Slices(
                  this,
                  cumulate.orElseGet(() -> WindowChecks.common(every.orElseThrow(), length()))));
    }

    /** The rows in slices: where the job says so, or does not forbid it and it pays. */
    Optional<Slices.Sliced> sliced(LogicalPlan rows) {
      if (slices.equals(Optional.of(true))) {
        return cut().map(cut -> cut.sliced(rows));
      }
      return slices.isPresent()
          ? Optional.empty()
          : cut()
              .filter(cut -> trigger.isPresent() || windows() >= WORTH)
              .flatMap(cut -> cut.over(rows));
    }

    /** How many windows a row lies in at most. */
    private long windows() {
      Duration step = cumulate.or(() -> every).orElseThrow();
      Duration whole = cumulate.isPresent() ? every.orElseThrow() : length();
      return whole.dividedBy(step);
    }

    /** Whether a row lies in several windows. */
    private boolean overlap() {
      return every.isPresent() && size.isPresent() && size.get().compareTo(every.get()) > 0;
    }

    /** Whether the job must give the time column a watermark above this step. */
    private boolean eventTime() {
      return !time.equals(INGESTED) && !time.equals(PROCESSED);
    }

    /** The name of the column with the time. */
    String column() {
      return eventTime() ? time : TIME;
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

  /**
   * When a window gives results besides the one at its end. A reader tells them apart by {@code
   * pane} and puts them in order by {@code version}; with retract, {@code operation} says which of
   * them to delete.
   */
  public record Trigger(
      @Doc("After so many rows") Optional<Long> rows,
      @Doc(
              "So long after the last result or the first row, by the times of batches: with the"
                  + " first one since then that has rows for the window, or in front of which the"
                  + " watermark has moved on by as much")
          Optional<Duration> early,
      @Doc(
              "How long behind its end a window still takes rows, each batch of which gives a"
                  + " result; a session that such a row makes longer than the watermark is open"
                  + " again")
          Optional<Duration> late,
      @Doc(
              "What becomes of what a window has given: it stands beside the next result, is replaced"
                  + " by it, or is taken back by a row of its own. Sessions with early or late need"
                  + " discard or retract")
          @Default("accumulate")
          Firing.Panes panes) {
    public Trigger {
      WindowChecks.trigger(rows, early, late);
    }

    /** Whether it goes by more than the number of rows. */
    boolean timed() {
      return early.isPresent() || late.isPresent();
    }

    Firing firing() {
      return new Firing(
          rows.orElse(0L),
          early.map(Catalyst::micros).orElse(0L),
          late.map(Catalyst::micros).orElse(0L),
          panes);
    }
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
    if (settings.ordered()) {
      return Optional.of(time);
    }
    if (settings.session().isPresent()) {
      Duration taken = settings.session().get().plus(settings.late());
      return Optional.of(Catalyst.call("+", time, Catalyst.whole(taken)));
    }
    Expression last =
        settings.own().map(windows -> windows.last(time)).orElseGet(() -> settings.taken(time));
    return Optional.of(last);
  }

  @Override
  public List<Keeping> keeping() {
    List<Keeping> kept = new ArrayList<>();
    if (settings.every().isPresent()) {
      kept.add(
          new Keeping.Windows(settings.by(), settings.step(), settings.length(), settings.late()));
    } else if (settings.session().isPresent()) {
      kept.add(new Keeping.Sessions(settings.by(), settings.session().get(), settings.late()));
    } else if (settings.snapshot()) {
      kept.add(
          new Keeping.Windows(
              settings.by(), Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO));
    }
    if (settings.ordered()) {
      kept.add(
          new Keeping.Rows(0, settings.by(), settings.last().or(() -> Optional.of(Duration.ZERO))));
    }
    return kept;
  }

  @Override
  public boolean ownTime() {
    return !settings.eventTime();
  }

  @Override
  public Optional<String> closesAt(LogicalPlan rows) {
    return Optional.of(END);
  }

  @Override
  public Optional<Carried> carried() {
    WindowChecks.dstream(settings);
    Duration every = settings.every().orElseThrow();
    return Optional.of(new Slides(this, settings.size().orElse(every), every));
  }

  /** The windows of DStreams: of the rows of the last batches, whatever their own times are. */
  private record Slides(WindowStep step, Duration size, Duration every) implements Carried.Window {
    @Override
    public LogicalPlan results(LogicalPlan rows, long start, long end) {
      NamedExpression from = Catalyst.as(START, Catalyst.time(start));
      NamedExpression until = Catalyst.as(END, Catalyst.time(end));
      List<NamedExpression> columns = new ArrayList<>(List.of(Catalyst.all(), from, until));
      return step.plain(
          step.grouped(
              Catalyst.project(columns, rows),
              List.of(Catalyst.column(START), Catalyst.column(END)),
              step.results()),
          Catalyst.column(START),
          Catalyst.column(END),
          Option.empty());
    }
  }

  @Override
  public List<TextFault> faults() {
    return AggregateText.faults("aggregate", settings.aggregate());
  }

  private static Expression aggregate(String name, String text) {
    return AggregateText.parsed("aggregate." + name, text);
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    return plan(inputs.get(0).plan(), Optional.empty());
  }

  /** Of several windows that a row lies in, some may be closed and others not. */
  @Override
  public LogicalPlan plan(List<Input> inputs, UnaryOperator<Expression> open) {
    return plan(inputs.get(0).plan(), settings.eventTime() ? Optional.of(open) : Optional.empty());
  }

  private LogicalPlan plan(LogicalPlan above, Optional<UnaryOperator<Expression>> open) {
    if (settings.folded().isPresent()) {
      return settings.folded().get().plan(above, open);
    }
    LogicalPlan timed = timed(above);
    Optional<Slices.Sliced> sliced = settings.sliced(timed);
    LogicalPlan rows = sliced.map(Slices.Sliced::rows).orElse(timed);
    List<NamedExpression> results = sliced.map(Slices.Sliced::results).orElseGet(this::results);
    if (settings.own().isPresent()) {
      return own(settings.own().get(), above, rows, results, open);
    }
    NamedExpression window = Catalyst.as(WINDOW, window());
    if (open.isPresent() && settings.overlap()) {
      Expression end = Catalyst.call("unix_micros", Catalyst.column(WINDOW, "end"));
      LogicalPlan windows = Catalyst.project(List.of(Catalyst.all(), window), rows);
      rows = new Filter(open.get().apply(end), windows);
      window = Catalyst.column(WINDOW);
    }
    return plain(
        grouped(rows, List.of(window), results),
        Catalyst.column(WINDOW, "start"),
        Catalyst.column(WINDOW, "end"),
        mark(above));
  }

  private LogicalPlan own(
      OwnWindows windows,
      LogicalPlan above,
      LogicalPlan rows,
      List<NamedExpression> aggregates,
      Optional<UnaryOperator<Expression>> open) {
    LogicalPlan each = windows.over(rows, settings.column(), mark(above), open);
    NamedExpression start = Catalyst.column(OwnWindows.START);
    NamedExpression end = Catalyst.column(OwnWindows.END);
    return plain(
        grouped(each, List.of(start, end), aggregates),
        (Expression) start,
        (Expression) end,
        mark(above));
  }

  /** The watermark, which closes windows at their ends. */
  private Option<Metadata> mark(LogicalPlan above) {
    return settings.eventTime()
        ? Catalyst.attribute(above, settings.time()).map(Catalyst::mark).orElseGet(Option::empty)
        : Catalyst.mark(Duration.ZERO);
  }

  private List<NamedExpression> results() {
    List<NamedExpression> results = new ArrayList<>();
    settings
        .aggregate()
        .forEach((name, text) -> results.add(Catalyst.as(name, aggregate(name, text))));
    return results;
  }

  private LogicalPlan grouped(
      LogicalPlan rows, List<NamedExpression> window, List<NamedExpression> aggregates) {
    List<Expression> groups = new ArrayList<>();
    window.forEach(column -> groups.add((Expression) column));
    List<NamedExpression> results = new ArrayList<>(window);
    for (String column : settings.by()) {
      groups.add(Catalyst.named(column));
      results.add(Catalyst.named(column));
    }
    results.addAll(aggregates);
    return new Aggregate(Catalyst.seq(groups), Catalyst.seq(results), rows, Option.empty());
  }

  private LogicalPlan timed(LogicalPlan rows) {
    if (settings.eventTime()) {
      return rows;
    }
    NamedExpression time =
        Catalyst.as(
            TIME, settings.time().equals(PROCESSED) ? new CurrentTimestamp() : ingested(rows));
    Catalyst.refuseSecondWatermark(rows, "time: " + settings.time());
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(rows.output()));
    columns.add(time);
    return new EventTimeWatermark(
        UUID.randomUUID(),
        time.toAttribute(),
        Catalyst.interval(Duration.ZERO),
        Catalyst.project(columns, rows));
  }

  private static Expression ingested(LogicalPlan rows) {
    Attribute source =
        Catalyst.attribute(rows, Columns.SOURCE)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Cannot use 'ingested' here: the rows no longer say when they came in. Use"
                            + " it before they are joined or aggregated, on a source that has the"
                            + " time"));
    int place = ((StructType) source.dataType()).fieldIndex("timestamp");
    return new GetStructField(source, place, Option.apply("timestamp"));
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
        time,
        Catalyst.micros(settings.size().orElse(every)),
        Catalyst.micros(every),
        Catalyst.micros(settings.from()));
  }

  private LogicalPlan plain(
      LogicalPlan grouped, Expression start, Expression end, Option<Metadata> mark) {
    List<NamedExpression> columns = new ArrayList<>();
    columns.add(Catalyst.as(START, start));
    columns.add(Catalyst.as(END, end, mark));
    settings.by().forEach(column -> columns.add(Catalyst.column(column)));
    settings.aggregate().keySet().forEach(name -> columns.add(Catalyst.column(name)));
    return Catalyst.project(columns, grouped);
  }
}
