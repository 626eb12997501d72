package io.millrace.engine.step;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.FullOuter$;
import org.apache.spark.sql.catalyst.plans.Inner$;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.LeftOuter$;
import org.apache.spark.sql.catalyst.plans.LeftSemi$;
import org.apache.spark.sql.catalyst.plans.RightOuter$;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.JoinHint;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;

/**
 * Rows of two streams that have the same keys and lie near each other in event time. It gives the
 * left columns, then the right ones without the {@code on} columns; a semi join the left ones
 * alone.
 *
 * <p>A row waits in state until the watermark says that no partner can come: so both sides have a
 * watermark, and the times a bound. An outer join gives a row without a partner then, no sooner.
 *
 * <p>With {@code as-of} the right rows are versions of their key, each valid from its event time to
 * that of the next, and a left row meets the one that is valid at its own. Rows of both sides wait
 * until the watermark has passed them, so a version that comes out of order, but not late, is met
 * by the rows of its time.
 */
public record JoinStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String LEFT = "_left";
  private static final String RIGHT = "_right";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Name of the source or step whose columns come first") String left,
      @Doc("Name of the other one") String right,
      @Doc("Columns that both have and that must be equal") List<String> on,
      @Doc("How long after the left row, in event time, a right one may lie; by default 0s")
          Optional<Duration> after,
      @Doc("How long before the left row, in event time, a right one may lie; by default 0s")
          Optional<Duration> before,
      @Doc("What becomes of rows without a partner") @Default("inner") Type type,
      @Doc(
              "The column that stays the event time: by default that of the left rows, of the right"
                  + " ones in a right join, and none in a full join")
          Optional<String> time,
      @Doc(
              "The right rows are versions of their key: each left row meets the one that is valid"
                  + " at its own event time, the last that begins then or before")
          Optional<AsOf> asOf,
      @Doc(
              "Keep every row for ever, where no bound sets an end to its waiting; with as-of, the"
                  + " last version of every key")
          @Default("false")
          boolean unbounded) {
    public Settings {
      on = List.copyOf(on);
      if (left.equals(right)) {
        throw new IllegalArgumentException(
            "Cannot join "
                + left
                + " with itself: rows would meet themselves. Name another source or step");
      }
      if (on.isEmpty()) {
        throw new IllegalArgumentException("Missing on. Write on: [key], columns that both have");
      }
      after.ifPresent(value -> notNegative("after", value));
      before.ifPresent(value -> notNegative("before", value));
      asOf.ifPresent(any -> versions(after.isPresent() || before.isPresent(), type, time));
      asOf.ifPresent(any -> any.check(unbounded));
      if (unbounded && (after.isPresent() || before.isPresent())) {
        throw new IllegalArgumentException(
            "Cannot be unbounded and bound the times by "
                + (after.isPresent() ? "after" : "before")
                + ". Leave out one of them");
      }
    }

    private static void notNegative(String key, Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException(
            "Expected " + key + " to be 0s or longer, found " + Durations.text(value));
      }
    }

    private static void versions(boolean bounded, Type type, Optional<String> time) {
      if (bounded || time.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot take as-of and "
                + (bounded ? "after or before" : "time")
                + " together: a version is valid until the next one, and the event time stays that"
                + " of the left rows. Leave out one of them");
      }
      if (type != Type.INNER && type != Type.LEFT) {
        throw new IllegalArgumentException(
            "Cannot join versions with type: %s. Write inner, or left to keep rows without a version"
                .formatted(type.name().toLowerCase(Locale.ROOT)));
      }
    }

    /** Whether it is one of the {@code on} columns. */
    boolean key(String column) {
      return on.stream().anyMatch(column::equalsIgnoreCase);
    }

    /**
     * Checks that columns of both sides can stand side by side.
     *
     * @throws IllegalArgumentException with a sentence, if two have the same name
     */
    void refuseClash(List<Attribute> own, List<Attribute> others) {
      Set<String> names = new HashSet<>();
      own.forEach(column -> names.add(lower(column.name())));
      for (Attribute column : others) {
        if (!names.add(lower(column.name()))) {
          throw new IllegalArgumentException(
              "Cannot join "
                  + left
                  + " and "
                  + right
                  + ": both have a column "
                  + column.name()
                  + ". Rename one of them in a step above, or add it to on");
        }
      }
    }

    private boolean bounded() {
      return after.isPresent() || before.isPresent();
    }
  }

  /** How the versions of a key are told apart, and how long they are kept. */
  public record AsOf(
      @Doc(
              "Columns of the right rows that tell which of two versions of the same moment is"
                  + " newer; of equal ones the one with the later offset")
          List<String> orderBy,
      @Doc(
              "Condition in SQL on a right row that says that its key has no version from then on,"
                  + " such as operation = 'delete'")
          Optional<String> deleteWhen,
      @Doc(
              "How long behind its time, in event time, a version is met at most; it is forgotten"
                  + " then. Without, unbounded: true keeps the last one of every key")
          Optional<Duration> keep)
      implements Serializable {
    private static final long serialVersionUID = 1;

    public AsOf {
      orderBy = List.copyOf(orderBy);
      if (keep.isPresent() && (keep.get().isZero() || keep.get().isNegative())) {
        throw new IllegalArgumentException(
            "Expected keep to be longer than 0s, found " + Durations.text(keep.get()));
      }
    }

    private void check(boolean unbounded) {
      if (keep.isPresent() == unbounded) {
        throw new IllegalArgumentException(
            unbounded
                ? "Cannot be unbounded and forget a version after "
                    + Durations.text(keep.orElseThrow())
                    + ". Leave out one of them"
                : "Needs an end: the last version of every key would be kept for ever. Write"
                    + " as-of: {keep: 30d}, or unbounded: true if that is meant");
      }
    }
  }

  /** What becomes of rows without a partner. */
  public enum Type {
    /** They are left out. */
    INNER,
    /** Left ones come with nulls. */
    LEFT,
    /** Right ones come with nulls. */
    RIGHT,
    /** Both come with nulls. */
    FULL,
    /** They are left out, and a left row with partners comes once, with its own columns. */
    SEMI;

    private JoinType spark() {
      return switch (this) {
        case INNER -> Inner$.MODULE$;
        case LEFT -> LeftOuter$.MODULE$;
        case RIGHT -> RightOuter$.MODULE$;
        case FULL -> FullOuter$.MODULE$;
        case SEMI -> LeftSemi$.MODULE$;
      };
    }
  }

  @Override
  public List<String> reads(List<String> from) {
    return List.of(settings.left(), settings.right());
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
  public Optional<String> disorder() {
    return Optional.of("it brings rows together by its keys, and they wait for each other");
  }

  @Override
  public List<String> waits() {
    if (settings.asOf().isPresent()) {
      return List.of(
          "a row of "
              + settings.left()
              + " and one of "
              + settings.right()
              + " waits until the watermark is past its time",
          "of "
              + settings.right()
              + " the last row of each key is kept "
              + settings
                  .asOf()
                  .get()
                  .keep()
                  .map(time -> "for " + Durations.text(time))
                  .orElse("for ever"));
    }
    return List.of(
        waits(settings.left(), settings.after()), waits(settings.right(), settings.before()));
  }

  private String waits(String input, Optional<Duration> length) {
    if (settings.unbounded()) {
      return "a row of " + input + " waits for ever";
    }
    String by =
        length.filter(value -> !value.isZero()).map(Durations::text).map(" "::concat).orElse("");
    return "a row of "
        + input
        + (settings.bounded()
            ? " waits until the watermark is" + by + " past its time"
            : " waits until the watermark is past the time that it is joined on");
  }

  /** The results of a table go by the time of the left rows, where versions wait for it. */
  @Override
  public Optional<String> closesAt(LogicalPlan rows) {
    return settings.asOf().flatMap(any -> Catalyst.time(rows)).map(Attribute::name);
  }

  @Override
  public List<TextFault> faults() {
    return settings.asOf().flatMap(AsOf::deleteWhen).stream()
        .flatMap(text -> Catalyst.faults(() -> Catalyst.expression("as-of.delete-when", text)))
        .toList();
  }

  @Override
  public List<Keeping> keeping() {
    if (settings.asOf().isPresent()) {
      Optional<Duration> none = Optional.of(Duration.ZERO);
      return List.of(
          new Keeping.Rows(0, settings.on(), none),
          new Keeping.Rows(1, settings.on(), none),
          new Keeping.Keys(settings.on(), settings.asOf().get().keep()));
    }
    return List.of(keeping(0, settings.after()), keeping(1, settings.before()));
  }

  private Keeping keeping(int input, Optional<Duration> length) {
    Optional<Duration> span =
        settings.unbounded() ? Optional.empty() : length.or(() -> Optional.of(Duration.ZERO));
    return new Keeping.Rows(input, settings.on(), span);
  }

  @Override
  public Effect effect() {
    return Effect.GATHERS;
  }

  /** Spark takes a row without a time, and one of an input without a watermark. */
  @Override
  public Optional<Expression> onTimeUntil(Input rows) {
    if (settings.asOf().isPresent()) {
      return Catalyst.time(rows.plan()).map(time -> Catalyst.call("unix_micros", time));
    }
    Expression never = Catalyst.whole(Long.MAX_VALUE);
    return Optional.of(
        Catalyst.time(rows.plan())
            .<Expression>map(
                time -> Catalyst.call("coalesce", Catalyst.call("unix_micros", time), never))
            .orElse(never));
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan left = inputs.get(0).plan();
    LogicalPlan right = inputs.get(1).plan();
    refuseTable("left", settings.left(), left, right);
    refuseTable("right", settings.right(), right, left);
    if (settings.asOf().isPresent()) {
      Catalyst.known(left, "on", settings.on());
      return new AsOfJoin(settings, left, right).plan();
    }
    List<Attribute> keys = new ArrayList<>(Catalyst.known(left, "on", settings.on()));
    keys.addAll(Catalyst.known(right, "on", settings.on()));
    if (left.isStreaming() && endless(keys)) {
      throw new IllegalArgumentException(
          "Needs a bound: every row of "
              + settings.left()
              + " and "
              + settings.right()
              + " would wait for ever. Write after: 10s, before: 10s or both, or unbounded: true if"
              + " that is meant");
    }
    Optional<Attribute> leftTime = Catalyst.time(left);
    Optional<Attribute> rightTime = Catalyst.time(right);
    Expression condition = meet(settings.on(), Catalyst.equal(LEFT, RIGHT, settings.on()));
    if (settings.bounded()) {
      String leftName = needed(settings.left(), leftTime);
      String rightName = needed(settings.right(), rightTime);
      condition = new And(condition, near(leftName, rightName));
      condition = new And(condition, there(LEFT, leftName));
      condition = new And(condition, there(RIGHT, rightName));
    }
    LogicalPlan joined =
        new Join(
            new SubqueryAlias(AliasIdentifier.apply(LEFT), left),
            new SubqueryAlias(AliasIdentifier.apply(RIGHT), right),
            settings.type().spark(),
            Option.apply(condition),
            JoinHint.NONE());
    return Catalyst.project(columns(left, right, leftTime, rightTime), joined);
  }

  private static void refuseTable(
      String setting, String name, LogicalPlan rows, LogicalPlan other) {
    if (!rows.isStreaming() && other.isStreaming()) {
      throw new TextFault(
          setting,
          1,
          1,
          "Cannot join with " + name + ": it is a table, not a stream. Write lookup: {table: …}");
    }
  }

  /** Two windows of one end, or other equal event times, are a bound of their own. */
  private boolean endless(List<Attribute> keys) {
    return !settings.bounded()
        && !settings.unbounded()
        && keys.stream().noneMatch(Catalyst::marked);
  }

  private static String needed(String input, Optional<Attribute> time) {
    return time.map(Attribute::name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Needs a watermark on "
                        + input
                        + ", whose time after and before speak of. Add watermark: {time: …, delay:"
                        + " …} to its source"));
  }

  /**
   * Spark's state takes two keys for equal that are null, and keeps a row without a time for ever:
   * where the condition says of one side that it cannot hold, the row does not get there.
   */
  private static Expression meet(List<String> on, Expression equal) {
    Expression all = equal;
    for (String key : on) {
      all = new And(new And(all, there(LEFT, key)), there(RIGHT, key));
    }
    return all;
  }

  private static Expression there(String side, String column) {
    return new IsNotNull((Expression) Catalyst.column(side, column));
  }

  private Expression near(String leftTime, String rightTime) {
    Expression left = Catalyst.column(LEFT, leftTime);
    Expression right = Catalyst.column(RIGHT, rightTime);
    return new And(
        new GreaterThanOrEqual(plus(right, settings.before()), left),
        new LessThanOrEqual(right, plus(left, settings.after())));
  }

  private static Expression plus(Expression time, Optional<Duration> duration) {
    if (duration.filter(value -> !value.isZero()).isEmpty()) {
      return time;
    }
    Expression length =
        new Literal(Catalyst.interval(duration.get()), DataTypes.CalendarIntervalType);
    return Catalyst.call("+", time, length);
  }

  private List<NamedExpression> columns(
      LogicalPlan left,
      LogicalPlan right,
      Optional<Attribute> leftTime,
      Optional<Attribute> rightTime) {
    if (settings.type() == Type.SEMI) {
      return Catalyst.list(left.output()).stream()
          .<NamedExpression>map(column -> Catalyst.column(LEFT, column.name()))
          .toList();
    }
    Optional<Attribute> time = time(leftTime, rightTime);
    List<NamedExpression> columns = new ArrayList<>();
    settings.refuseClash(
        shown(left), shown(right).stream().filter(column -> !key(column)).toList());
    for (Attribute column : shown(left)) {
      columns.add(key(column) ? key(column, time) : own(LEFT, column, time));
    }
    for (Attribute column : shown(right)) {
      if (key(column)) {
        continue;
      }
      columns.add(own(RIGHT, column, time));
    }
    return columns;
  }

  /** The column that stays the event time. */
  private Optional<Attribute> time(Optional<Attribute> left, Optional<Attribute> right) {
    if (settings.time().isPresent()) {
      String name = settings.time().get();
      return Optional.of(
          Stream.concat(left.stream(), right.stream())
              .filter(column -> column.name().equalsIgnoreCase(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new TextFault(
                          "time",
                          1,
                          1,
                          "Cannot take "
                              + name
                              + " as the event time: it has no watermark. There are "
                              + Stream.concat(left.stream(), right.stream())
                                  .map(Attribute::name)
                                  .toList())));
    }
    return switch (settings.type()) {
      case INNER, LEFT, SEMI -> left.or(() -> right);
      case RIGHT -> right.or(() -> left);
      case FULL -> Optional.empty();
    };
  }

  private boolean key(Attribute column) {
    return settings.key(column.name());
  }

  private NamedExpression key(Attribute column, Optional<Attribute> time) {
    String name = column.name();
    return switch (settings.type()) {
      case INNER, LEFT, SEMI -> own(LEFT, column, time);
      case RIGHT -> Catalyst.as(name, Catalyst.column(RIGHT, name));
      case FULL ->
          Catalyst.as(
              name,
              Catalyst.call("coalesce", Catalyst.column(LEFT, name), Catalyst.column(RIGHT, name)));
    };
  }

  /** A column; of two event times, a later window takes one, so the other becomes a plain time. */
  private static NamedExpression own(String side, Attribute column, Optional<Attribute> time) {
    NamedExpression own = Catalyst.column(side, column.name());
    boolean plain =
        Catalyst.marked(column)
            && time.filter(kept -> kept.exprId().equals(column.exprId())).isEmpty();
    return plain ? Catalyst.as(column.name(), Catalyst.plainTime((Expression) own)) : own;
  }

  private static List<Attribute> shown(LogicalPlan rows) {
    return Catalyst.list(rows.output()).stream()
        .filter(column -> !Catalyst.hidden(column.name()))
        .toList();
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
