package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedStar;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Ascending$;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.trees.CurrentOrigin$;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.unsafe.types.CalendarInterval;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/** What the steps share: Spark's parser with readable faults, and short names for its trees. */
final class Catalyst {
  private Catalyst() {}

  /**
   * A scalar or aggregate expression.
   *
   * @throws TextFault if it cannot be read
   */
  static Expression expression(String setting, String text) {
    return parse(setting, () -> CatalystSqlParser$.MODULE$.parseExpression(text));
  }

  /**
   * A query: everything that gives rows and changes nothing.
   *
   * @throws TextFault if it cannot be read
   */
  static LogicalPlan query(String setting, String text) {
    return parse(setting, () -> CatalystSqlParser$.MODULE$.parseQuery(text));
  }

  /** The fault of a text, if its parser throws one. */
  static Stream<TextFault> faults(Runnable parser) {
    try {
      parser.run();
      return Stream.empty();
    } catch (TextFault fault) {
      return Stream.of(fault);
    }
  }

  private static <T> T parse(String setting, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (Exception e) {
      if (e instanceof ParseException fault) {
        throw fault(setting, fault);
      }
      throw e;
    }
  }

  private static TextFault fault(String setting, ParseException fault) {
    Origin origin = origin(fault.line(), fault.startPosition(), Option.empty());
    return fault(setting, origin, "Cannot read the SQL: " + sentence(fault));
  }

  /** A fault at the place of a text that a part of its plan came from. */
  static TextFault fault(String setting, Origin origin, String sentence) {
    int line = OptionConverters.toJava(origin.line()).map(Catalyst::whole).orElse(1);
    int column = OptionConverters.toJava(origin.startPosition()).map(Catalyst::whole).orElse(0) + 1;
    return new TextFault(setting, line, column, sentence);
  }

  private static Origin origin(Option<Object> line, Option<Object> column, Option<String> text) {
    return new Origin(
        line,
        column,
        Option.apply(0),
        text.map(String::length),
        text,
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty());
  }

  private static int whole(Object number) {
    return ((Number) number).intValue();
  }

  private static String sentence(ParseException fault) {
    String bare =
        fault
            .message()
            .replaceFirst("^\\[[A-Z0-9_.]+] *", "")
            .replaceFirst("\\s*SQLSTATE: \\w+\\s*$", "")
            .replaceAll("\\s+", " ")
            .strip();
    return bare.isEmpty() ? bare : Character.toLowerCase(bare.charAt(0)) + bare.substring(1);
  }

  /** Whether it calls an aggregate function over the rows, and not over a window frame. */
  static boolean aggregates(Expression expression) {
    if (expression instanceof WindowExpression) {
      return false;
    }
    return expression instanceof AggregateExpression
        || calls(expression, "agg_funcs")
        || children(expression).anyMatch(Catalyst::aggregates);
  }

  /** Whether any part of it is a call to a function of this group of Spark's function list. */
  static boolean uses(Expression expression, String group) {
    return calls(expression, group) || children(expression).anyMatch(child -> uses(child, group));
  }

  /** The columns that an expression reads. */
  static Set<ExprId> read(Expression expression) {
    return list(expression.references().toSeq()).stream()
        .map(Attribute::exprId)
        .collect(Collectors.toSet());
  }

  /** Whether any part of it is like this. */
  static boolean contains(Expression expression, Predicate<Expression> test) {
    return test.test(expression) || children(expression).anyMatch(child -> contains(child, test));
  }

  private static Stream<Expression> children(Expression expression) {
    return list(expression.children()).stream();
  }

  private static boolean calls(Expression expression, String group) {
    return expression instanceof UnresolvedFunction function
        && function.nameParts().size() == 1
        && OptionConverters.toJava(
                FunctionRegistry.builtin()
                    .lookupFunction(new FunctionIdentifier(function.nameParts().head())))
            .map(ExpressionInfo::getGroup)
            .filter(group::equals)
            .isPresent();
  }

  static UnresolvedAttribute column(String... parts) {
    return new UnresolvedAttribute(seq(List.of(parts)));
  }

  /** A column as a setting names it: what Spark says about it is told at that place. */
  static UnresolvedAttribute named(String setting) {
    Origin origin = origin(Option.apply(1), Option.apply(0), Option.apply(setting));
    return CurrentOrigin$.MODULE$.withOrigin(origin, () -> column(setting));
  }

  static UnresolvedFunction call(String name, Expression... arguments) {
    return new UnresolvedFunction(
        seq(List.of(name)),
        seq(List.of(arguments)),
        false,
        Option.empty(),
        false,
        seq(List.of()),
        false);
  }

  /** A call of a Scala function, which gets every value as Spark keeps it and gives no null. */
  static ScalaUDF call(Object function, DataType type, List<Expression> inputs) {
    return call(function, type, inputs, true);
  }

  /** A condition that a Scala function decides. Spark leaves it, and others above it, in place. */
  static ScalaUDF barrier(Object function, List<Expression> inputs) {
    return call(function, DataTypes.BooleanType, inputs, false);
  }

  private static ScalaUDF call(
      Object function, DataType type, List<Expression> inputs, boolean deterministic) {
    return new ScalaUDF(
        function,
        type,
        seq(inputs),
        seq(List.of()),
        Option.empty(),
        Option.empty(),
        false,
        deterministic);
  }

  static Literal text(String value) {
    return new Literal(UTF8String.fromString(value), DataTypes.StringType);
  }

  static Literal whole(long value) {
    return new Literal(value, DataTypes.LongType);
  }

  /** A time, from microseconds. */
  static Literal time(long micros) {
    return new Literal(micros, DataTypes.TimestampType);
  }

  /** A length of time in microseconds. */
  static Literal whole(Duration duration) {
    return whole(micros(duration));
  }

  /** Whether columns that both sides have are equal. */
  static Expression equal(String left, String right, List<String> columns) {
    return columns.stream()
        .<Expression>map(name -> new EqualTo(column(left, name), column(right, name)))
        .reduce(And::new)
        .orElseThrow();
  }

  static Literal truth(Boolean value) {
    return new Literal(value, DataTypes.BooleanType);
  }

  static Alias as(String name, Expression expression) {
    return as(name, expression, Option.empty());
  }

  static Alias as(String name, Expression expression, Option<Metadata> metadata) {
    return new Alias(
        expression, name, NamedExpression.newExprId(), seq(List.of()), metadata, seq(List.of()));
  }

  static Project project(List<NamedExpression> columns, LogicalPlan rows) {
    return new Project(seq(columns), rows);
  }

  static CalendarInterval interval(Duration duration) {
    return new CalendarInterval(0, 0, micros(duration));
  }

  static long micros(Duration duration) {
    return duration.toSeconds() * 1_000_000L + duration.toNanosPart() / 1_000;
  }

  /** The column of this name of an analysed plan. Names do not tell upper from lower case. */
  static Optional<Attribute> attribute(LogicalPlan rows, String name) {
    return list(rows.output()).stream()
        .filter(column -> column.name().equalsIgnoreCase(name))
        .findFirst();
  }

  /**
   * The columns that a list in the settings names.
   *
   * @throws TextFault at the first one that is not there
   */
  static List<Attribute> known(LogicalPlan rows, String setting, List<String> names) {
    List<Attribute> found = new ArrayList<>();
    for (String name : names) {
      found.add(known(rows, setting, name, setting + "." + found.size()));
    }
    return found;
  }

  /** The column that a setting names. */
  static Attribute known(LogicalPlan rows, String setting, String name) {
    return known(rows, setting, name, setting);
  }

  private static Attribute known(LogicalPlan rows, String setting, String name, String at) {
    return attribute(rows, name)
        .orElseThrow(
            () ->
                new TextFault(
                    at,
                    1,
                    1,
                    "Unknown column "
                        + name
                        + " in "
                        + setting
                        + ". There are "
                        + list(rows.output()).stream()
                            .map(Attribute::name)
                            .filter(column -> !hidden(column))
                            .toList()));
  }

  /** The rows with one column marked as the event time of a watermark with this delay. */
  static LogicalPlan marked(LogicalPlan rows, Attribute time, Duration delay) {
    Metadata metadata =
        new MetadataBuilder()
            .withMetadata(time.metadata())
            .putLong(EventTimeWatermark.delayKey(), delay.toMillis())
            .build();
    List<NamedExpression> columns = new ArrayList<>();
    for (Attribute column : list(rows.output())) {
      columns.add(
          column.exprId().equals(time.exprId())
              ? as(column.name(), column, Option.apply(metadata))
              : column);
    }
    return project(columns, rows);
  }

  /**
   * Spark takes one watermark on the way from a source, and fails a running query that has more.
   *
   * @throws IllegalArgumentException if the stream has one already
   */
  static void refuseSecondWatermark(LogicalPlan rows, String wanted) {
    if (rows.isStreaming() && watermarked(rows)) {
      throw new IllegalArgumentException(
          "Cannot use "
              + wanted
              + " here: the rows have a watermark already. Remove one of the two");
    }
  }

  /** Whether a column carries a watermark. */
  static boolean marked(Attribute column) {
    return column.metadata().contains(EventTimeWatermark.delayKey());
  }

  /** The watermark of a column, for another one that moves as it does; none if it has none. */
  static Option<Metadata> mark(Attribute time) {
    return marked(time)
        ? mark(Duration.ofMillis(time.metadata().getLong(EventTimeWatermark.delayKey())))
        : Option.empty();
  }

  /** A watermark with a delay. */
  static Option<Metadata> mark(Duration delay) {
    return Option.apply(
        new MetadataBuilder().putLong(EventTimeWatermark.delayKey(), delay.toMillis()).build());
  }

  /** Nulls first. */
  static SortOrder ascending(Expression column) {
    return new SortOrder(
        column, Ascending$.MODULE$, Ascending$.MODULE$.defaultNullOrdering(), seq(List.of()));
  }

  /** All columns of what is below. */
  static NamedExpression all() {
    return new UnresolvedStar(Option.empty());
  }

  /** The same time, without a watermark. */
  static Expression plainTime(Expression time) {
    return call("timestamp_micros", call("unix_micros", time));
  }

  /** The column that carries the watermark. */
  static Optional<Attribute> time(LogicalPlan rows) {
    return list(rows.output()).stream().filter(Catalyst::marked).findFirst();
  }

  private static boolean watermarked(LogicalPlan rows) {
    return rows instanceof EventTimeWatermark
        || list(rows.children()).stream().anyMatch(Catalyst::watermarked);
  }

  /** Whether the toolkit added the column, and not the job. */
  static boolean hidden(String name) {
    return List.of(Columns.SOURCE, Columns.RAW, Columns.DEAD).contains(name);
  }

  static <T> List<T> list(scala.collection.Seq<T> items) {
    return CollectionConverters.asJava(items);
  }

  static <T> Seq<T> seq(List<? extends T> items) {
    return CollectionConverters.<T>asScala(List.<T>copyOf(items)).toSeq();
  }

  /** Replaces every node, also in subqueries, for which the function gives another. */
  static LogicalPlan replace(LogicalPlan plan, Function<LogicalPlan, Optional<LogicalPlan>> by) {
    return plan.transformUpWithSubqueries(new Replacing<>(by));
  }

  /** Replaces every part for which the function gives another, its own parts first. */
  static Expression replaced(Expression expression, Function<Expression, Optional<Expression>> by) {
    return expression.transformUp(new Replacing<>(by));
  }

  private static final class Replacing<T> extends scala.runtime.AbstractPartialFunction<T, T> {
    private static final long serialVersionUID = 1;
    private final transient Function<T, Optional<T>> by;

    Replacing(Function<T, Optional<T>> by) {
      this.by = by;
    }

    @Override
    public boolean isDefinedAt(T node) {
      return by.apply(node).isPresent();
    }

    @Override
    @SuppressWarnings("unchecked") // B1 is a supertype of T, as Scala's signature says
    public <A1 extends T, B1> B1 applyOrElse(A1 node, scala.Function1<A1, B1> otherwise) {
      return by.apply(node).map(found -> (B1) found).orElseGet(() -> otherwise.apply(node));
    }
  }
}
