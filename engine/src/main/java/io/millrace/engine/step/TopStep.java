package io.millrace.engine.step;

import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Leaders;
import io.millrace.engine.fold.Top;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Ascending$;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Descending$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NullsLast$;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The first rows of each key by some order: in each window of {@code every}, or of the results of a
 * window step above, whose {@code window_end} is among the {@code by} columns. It gives the columns
 * of the rows and their {@code rank}, once, when the watermark has closed the window.
 *
 * <p>With {@code unbounded} it is over all rows that came, without a window and a watermark, and it
 * gives what each batch changes: rows that no longer have their rank with {@code operation} delete,
 * then those that have a new one with insert, numbered for each key as {@code version}.
 */
public record TopStep(Settings settings) implements KeyedStep {
  private static final long serialVersionUID = 1;
  private static final String END = "_end";
  private static final String WINDOW_START = "window_start";
  private static final String WINDOW_END = "window_end";
  private static final Pattern ORDER =
      Pattern.compile("(\\S+?)(?:\\s+(asc|desc))?", Pattern.CASE_INSENSITIVE);

  /** What the step is asked to do. */
  public record Settings(
      @Doc("How many rows of each key") int rows,
      @Doc("Columns that say what comes first, such as [price desc, id]; nulls come last")
          List<String> order,
      @Doc("Columns whose first rows they are") List<String> by,
      @Doc("How long a window is; without, by has the column with the watermark")
          Optional<Duration> every,
      @Doc(
              "Over all rows, as a result that changes: gives rank, operation and version, for a"
                  + " sink with write: merge. Keeps so many rows of every key for ever")
          @Default("false")
          boolean unbounded,
      @Doc(
              "With unbounded: columns of which each combination has one rank, that of its first"
                  + " row by the order, such as [item]; by default every row counts")
          List<String> once,
      @Doc(
              "Whether rows that the order does not tell from the last one come as well. Rows that"
                  + " it does not tell from each other have one rank then")
          @Default("false")
          boolean ties) {
    public Settings {
      order = List.copyOf(order);
      by = List.copyOf(by);
      once = List.copyOf(once);
      if (unbounded && every.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot be unbounded in windows of "
                + Durations.text(every.get())
                + ". Leave out one of them");
      }
      if (unbounded && ties) {
        throw new IllegalArgumentException(
            "Cannot be unbounded with ties: so many rows of a key may be kept as there are. Add"
                + " columns to order that tell them apart, and leave out ties");
      }
      if (!unbounded && !once.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot count each of "
                + once
                + " once in a window. Write unbounded: true, or aggregate them in a window step"
                + " above");
      }
      if (rows < 1) {
        throw new IllegalArgumentException("Expected rows to be 1 or more, found " + rows);
      }
      if (order.isEmpty()) {
        throw new IllegalArgumentException("Missing order. Write order: [price desc]");
      }
      if (every.isPresent() && (every.get().isZero() || every.get().isNegative())) {
        throw new IllegalArgumentException(
            "Expected every to be longer than 0s, found " + Durations.text(every.get()));
      }
    }
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of(
        settings.unbounded()
            ? "it brings rows together by its keys"
            : "it gives rows when their window closes");
  }

  @Override
  public boolean unbounded() {
    return settings.unbounded();
  }

  @Override
  public List<Keeping> keeping() {
    Keeping groups =
        settings
            .every()
            .<Keeping>map(every -> new Keeping.Windows(settings.by(), every, every, Duration.ZERO))
            .orElseGet(
                () ->
                    new Keeping.Keys(
                        settings.by(),
                        settings.unbounded() ? Optional.empty() : Optional.of(Duration.ZERO)));
    return List.of(new Keeping.Firsts(groups, settings.rows()));
  }

  @Override
  public Optional<Expression> onTimeUntil(Input rows) {
    return settings.unbounded() ? Optional.empty() : Catalyst.time(rows.plan()).map(this::end);
  }

  private LogicalPlan running(LogicalPlan rows) {
    Keyed keyed = Keyed.arriving(rows, "by", settings.by());
    List<Attribute> once = Catalyst.known(rows, "once", settings.once());
    List<Keyed.Told> shown = keyed.shown().stream().map(Keyed.Told::of).toList();
    List<String> names = shown.stream().map(Keyed.Told::name).toList();
    return keyed.arrived(
        shown,
        types ->
            new Leaders(
                settings.rows(),
                orders(types),
                Values.of(types, once.stream().map(Attribute::name).toList()),
                Values.of(types, names),
                types.length()),
        Given.of(shown).with(Leaders.CHANGE).columns(),
        Optional.empty());
  }

  /** When the window of a row ends, in microseconds. */
  private Expression end(Attribute time) {
    Expression micros = Catalyst.call("unix_micros", time);
    return settings
        .every()
        .<Expression>map(
            every ->
                Catalyst.call(
                    "+", OwnWindows.floor(micros, Duration.ZERO, every), Catalyst.whole(every)))
        .orElse(micros);
  }

  @Override
  public Optional<String> closesAt(LogicalPlan rows) {
    if (settings.unbounded()) {
      return Optional.empty();
    }
    return settings.every().isPresent()
        ? Optional.of(WINDOW_END)
        : Catalyst.time(rows).map(Attribute::name);
  }

  @Override
  public boolean takesLate() {
    return settings.unbounded();
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    if (settings.unbounded()) {
      return running(inputs.get(0).plan());
    }
    Keyed keyed = Keyed.by(inputs.get(0).plan(), settings.by());
    Attribute time = keyed.time();
    if (settings.every().isEmpty() && keyed.keys().stream().noneMatch(Catalyst::marked)) {
      throw new IllegalArgumentException(
          "Needs an end: no row would ever be the last to come. Write every: 10m, add "
              + time.name()
              + " to by, or unbounded: true for a result that changes");
    }
    List<Keyed.Told> shown = keyed.shown().stream().map(Keyed.Told::of).toList();
    List<Keyed.Told> told = new ArrayList<>(shown);
    Keyed.Told end = new Keyed.Told(END, DataTypes.LongType, end(time));
    told.add(end);
    List<String> passed = new ArrayList<>(shown.stream().map(Keyed.Told::name).toList());
    Given gives = Given.of(shown);
    if (settings.every().isPresent()) {
      Expression start = Catalyst.call("-", end(time), Catalyst.whole(settings.every().get()));
      told.add(micros(WINDOW_START, start));
      told.add(micros(WINDOW_END, end(time)));
      passed.addAll(List.of(WINDOW_START, WINDOW_END));
      gives =
          gives
              .with(WINDOW_START, DataTypes.TimestampType)
              .with(WINDOW_END, DataTypes.TimestampType);
    }
    return keyed.gathered(
        new Keyed.Gathering(List.of(end), end(time), rows -> rows),
        told,
        rows -> fold(rows, passed),
        gives.with(Top.RANK).columns(),
        closesAt(keyed.rows()).orElseThrow());
  }

  private static Keyed.Told micros(String name, Expression micros) {
    return new Keyed.Told(name, DataTypes.TimestampType, Catalyst.call("timestamp_micros", micros));
  }

  private Fold fold(StructType rows, List<String> passed) {
    return new Top(
        settings.rows(),
        settings.ties(),
        orders(rows),
        rows.fieldIndex(END),
        Values.of(rows, passed),
        rows.length());
  }

  private List<SortOrder> orders(StructType rows) {
    return IntStream.range(0, settings.order().size()).mapToObj(i -> order(rows, i)).toList();
  }

  private SortOrder order(StructType rows, int number) {
    String text = settings.order().get(number);
    Matcher matcher = ORDER.matcher(text.strip());
    String name = matcher.matches() ? matcher.group(1) : text;
    int at =
        IntStream.range(0, rows.length())
            .filter(i -> rows.apply(i).name().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(() -> unknown(rows, number, text));
    DataType type = rows.apply(at).dataType();
    if (!RowOrdering.isOrderable(type)) {
      throw new TextFault(
          "order." + number, 1, 1, "Cannot order by " + name + ": it is a " + type.simpleString());
    }
    boolean falling = matcher.matches() && "desc".equalsIgnoreCase(matcher.group(2));
    return new SortOrder(
        new BoundReference(at, type, true),
        falling ? Descending$.MODULE$ : Ascending$.MODULE$,
        NullsLast$.MODULE$,
        Catalyst.seq(List.of()));
  }

  private static TextFault unknown(StructType rows, int number, String text) {
    List<String> names =
        Stream.of(rows.fieldNames()).filter(name -> !name.startsWith("_")).toList();
    return new TextFault(
        "order." + number,
        1,
        1,
        "Expected a column, or a column and desc, found " + text + ". There are " + names);
  }
}
