package io.millrace.engine.step;

import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.FoldStream;
import io.millrace.engine.fold.OrderedTable;
import io.millrace.engine.spi.Columns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.analysis.UnresolvedDeserializer;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder$;
import org.apache.spark.sql.catalyst.encoders.RowEncoder$;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapGroups;
import org.apache.spark.sql.catalyst.plans.logical.TransformWithState;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Seq;

/**
 * The rows of each key, told to a fold in the order of their times: those of a stream when the
 * watermark has passed them, those of a table as they are. Rows of the same time come in the order
 * of their offsets, where they have such. A row without a time is left out.
 */
record Keyed(LogicalPlan rows, List<Attribute> keys, Optional<Attribute> marked) {
  /** How many columns of its own a row has before those that a fold asks to be told. */
  static final int BEFORE = 2;

  private static final Metadata PLAIN = Metadata.empty();

  /** The key of all rows, where there is no other. */
  private static final Told ALL = new Told("_all", DataTypes.BooleanType, Catalyst.truth(true));

  /** A column of a row that is told, with the type of its expression. */
  record Told(String name, DataType type, Expression expression) {
    static Told of(Attribute column) {
      return new Told(column.name(), column.dataType(), column);
    }

    /** Columns, and those of others that are not among them. */
    static List<Told> together(List<Told> columns, List<Told> others) {
      List<Told> all = new ArrayList<>(columns);
      others.stream()
          .filter(other -> columns.stream().noneMatch(own -> own.same(other)))
          .forEach(all::add);
      return List.copyOf(all);
    }

    private boolean same(Told other) {
      return known().isPresent()
          && known().map(Attribute::exprId).equals(other.known().map(Attribute::exprId));
    }

    /** The column that it is, if it is one of the rows. */
    Optional<Attribute> known() {
      return expression() instanceof Attribute column && column.resolved()
          ? Optional.of(column)
          : Optional.empty();
    }

    /** A condition that does not hold where it is null. */
    static Told holds(String name, Expression condition) {
      return new Told(
          name,
          DataTypes.BooleanType,
          Catalyst.call("if", condition, Catalyst.truth(true), Catalyst.truth(false)));
    }
  }

  /**
   * Rows by some columns; by none, all rows are of one key.
   *
   * @throws IllegalArgumentException with a sentence, if they have no watermark
   */
  static Keyed by(LogicalPlan rows, List<String> by) {
    Attribute time =
        Catalyst.time(rows)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Needs a watermark above, by whose time rows are put in order. Add"
                            + " watermark: {time: …, delay: …} to the source"));
    return new Keyed(rows, Catalyst.known(rows, "by", by), Optional.of(time));
  }

  /**
   * Rows by some columns, which a fold is told as they come: they need no watermark.
   *
   * @param setting where the columns are named
   */
  static Keyed arriving(LogicalPlan rows, String setting, List<String> by) {
    return new Keyed(rows, Catalyst.known(rows, setting, by), Catalyst.time(rows));
  }

  /** The column with the watermark. */
  Attribute time() {
    return marked.orElseThrow();
  }

  /** The columns that are the job's own. */
  List<Attribute> shown() {
    return Catalyst.list(rows.output()).stream()
        .filter(column -> !Catalyst.hidden(column.name()))
        .toList();
  }

  /**
   * What a fold makes of the rows, told in the order of their times.
   *
   * @param told the columns that it is told
   * @param fold the fold, over rows of these columns
   * @param gives the columns that it gives
   * @param closes which of these is the event time behind it
   */
  LogicalPlan ordered(
      List<Told> told, Function<StructType, Fold> fold, StructType gives, String closes) {
    List<Told> keyed = keys.stream().map(Told::of).toList();
    Layout layout = new Layout(keyed, told(micros(), told), Optional.of(time()));
    Folded folded =
        new Folded(fold, FoldStream.Order.TIME, TimeMode.EventTime(), gives, Optional.of(closes));
    return folded(layout, folded, timed());
  }

  /**
   * What a fold makes of the rows, told as they come: in a stream batch by batch, those of a batch
   * in the order of their places. None of them is late.
   *
   * @param gives the columns that it gives
   * @param closes which of these is the event time behind it; empty if none is
   */
  LogicalPlan arrived(
      List<Told> told, Function<StructType, Fold> fold, StructType gives, Optional<String> closes) {
    List<Told> keyed = keys.stream().map(Told::of).toList();
    Layout layout = new Layout(keyed, told(Catalyst.whole(0), told), Optional.empty());
    Folded folded = new Folded(fold, FoldStream.Order.BATCH, TimeMode.None(), gives, closes);
    return folded(layout, folded, rows);
  }

  /**
   * How rows are gathered whose order is all the same.
   *
   * @param key columns that tell keys apart besides the others
   * @param until when a row is late, in microseconds of event time
   * @param spread adds the columns that these are made of
   */
  record Gathering(List<Told> key, Expression until, UnaryOperator<LogicalPlan> spread) {}

  /** What a fold makes of the rows, told as they come. */
  LogicalPlan gathered(
      Gathering how,
      List<Told> told,
      Function<StructType, Fold> fold,
      StructType gives,
      String closes) {
    List<Told> keyed = new ArrayList<>(keys.stream().map(Told::of).map(this::plain).toList());
    keyed.addAll(how.key());
    NamedExpression closing =
        Catalyst.as(
            "_closes", Catalyst.call("timestamp_micros", how.until()), Catalyst.mark(time()));
    List<Told> all = told(micros(), told).stream().map(this::plain).toList();
    Layout layout = new Layout(keyed, all, Optional.of(closing));
    Folded folded =
        new Folded(
            fold, FoldStream.Order.ARRIVAL, TimeMode.EventTime(), gives, Optional.of(closes));
    return folded(layout, folded, how.spread().apply(timed()));
  }

  private LogicalPlan timed() {
    return new Filter(new IsNotNull(time()), rows);
  }

  /** Spark leaves out rows by the first column with a watermark: there is one. */
  private Told plain(Told column) {
    return column.known().filter(known -> known.exprId().equals(time().exprId())).isPresent()
        ? new Told(column.name(), column.type(), Catalyst.plainTime(time()))
        : column;
  }

  private Expression micros() {
    return Catalyst.call("unix_micros", time());
  }

  private List<Told> told(Expression when, List<Told> columns) {
    List<Told> told = new ArrayList<>();
    told.add(new Told("_time", DataTypes.LongType, when));
    told.add(new Told("_place", DataTypes.LongType, place()));
    told.addAll(columns);
    return told;
  }

  /** A fold, and what it gives. */
  private record Folded(
      Function<StructType, Fold> fold,
      FoldStream.Order order,
      TimeMode time,
      StructType gives,
      Optional<String> closes) {}

  private LogicalPlan folded(Layout layout, Folded folded, LogicalPlan from) {
    StructType types = types(layout.told());
    Fold fold = folded.fold().apply(types);
    LogicalPlan below = layout.over(from);
    Attribute object = reference("_row", folded.gives(), NamedExpression.newExprId());
    LogicalPlan plan =
        rows.isStreaming()
            ? stream(
                new FoldStream(fold, folded.order(), types(layout.keys()), types),
                folded.time(),
                layout,
                object,
                below)
            : table(new OrderedTable(fold, types(layout.keys()), types), layout, object, below);
    return Catalyst.project(given(object, folded.gives(), folded.closes()), plan);
  }

  /** The offset of a row that has one. */
  private Expression place() {
    boolean known =
        Catalyst.attribute(rows, Columns.SOURCE)
            .map(Attribute::dataType)
            .filter(type -> type instanceof StructType source && has(source, "offset"))
            .isPresent();
    return known
        ? Catalyst.call("coalesce", Catalyst.column(Columns.SOURCE, "offset"), Catalyst.whole(0))
        : Catalyst.whole(0);
  }

  private static boolean has(StructType type, String name) {
    return Stream.of(type.fieldNames()).anyMatch(name::equals);
  }

  private static Attribute reference(String name, DataType type, ExprId id) {
    return new AttributeReference(name, type, true, PLAIN, id, Catalyst.seq(List.of()));
  }

  private static StructType types(List<Told> columns) {
    return new StructType(
        columns.stream()
            .map(column -> new StructField(column.name(), column.type(), true, PLAIN))
            .toArray(StructField[]::new));
  }

  /** The columns below a fold. */
  private static final class Layout {
    private final List<Told> keys;
    private final List<Told> told;
    private final List<Attribute> grouping = new ArrayList<>();
    private final List<Attribute> data = new ArrayList<>();
    private final Map<ExprId, NamedExpression> columns = new LinkedHashMap<>();
    private final Optional<NamedExpression> closing;

    /** Spark takes the columns of a row by their places: they come before the others. */
    Layout(List<Told> keys, List<Told> told, Optional<NamedExpression> closing) {
      this.keys = keys.isEmpty() ? List.of(ALL) : keys;
      this.told = told;
      this.closing = closing;
      told.forEach(column -> data.add(added(column)));
      this.keys.forEach(column -> grouping.add(added(column)));
      closing.ifPresent(column -> columns.put(column.exprId(), column));
    }

    private Attribute added(Told column) {
      if (column.known().isPresent()) {
        Attribute known = column.known().get();
        columns.put(known.exprId(), known);
        return known;
      }
      NamedExpression named = Catalyst.as(column.name(), column.expression());
      columns.put(named.exprId(), named);
      return reference(column.name(), column.type(), named.exprId());
    }

    List<Told> keys() {
      return keys;
    }

    List<Told> told() {
      return told;
    }

    LogicalPlan over(LogicalPlan rows) {
      return Catalyst.project(List.copyOf(columns.values()), rows);
    }

    Seq<Attribute> grouping() {
      return Catalyst.seq(grouping);
    }

    Seq<Attribute> data() {
      return Catalyst.seq(data);
    }

    /**
     * The same and the column by which Spark leaves out rows, if any: it prunes what none asks for.
     */
    Seq<Attribute> taken() {
      List<Attribute> taken = new ArrayList<>(data);
      closing.ifPresent(column -> taken.add(column.toAttribute()));
      return Catalyst.seq(taken);
    }

    ExpressionEncoder<Row> encoder() {
      return ExpressionEncoder$.MODULE$.apply(RowEncoder$.MODULE$.encoderFor(types(keys)));
    }

    Expression key() {
      return new UnresolvedDeserializer(encoder().deserializer(), grouping());
    }

    /** A row as Spark keeps it. */
    Expression row() {
      List<Expression> parts = new ArrayList<>();
      for (Attribute column : data) {
        parts.add(Catalyst.text(column.name()));
        parts.add(column);
      }
      return new CreateNamedStruct(Catalyst.seq(parts));
    }

    /** By time, then by place. */
    Seq<SortOrder> order() {
      return Catalyst.seq(
          Stream.of(data.get(Fold.TIME), data.get(Fold.PLACE)).map(Catalyst::ascending).toList());
    }
  }

  @SuppressWarnings("unchecked") // Spark's plans have objects of any type
  private static LogicalPlan stream(
      StatefulProcessor<?, ?, ?> processor,
      TimeMode time,
      Layout layout,
      Attribute object,
      LogicalPlan below) {
    return new TransformWithState(
        layout.key(),
        layout.row(),
        layout.grouping(),
        layout.taken(),
        (StatefulProcessor<Object, Object, Object>) processor,
        time,
        OutputMode.Append(),
        (ExpressionEncoder<Object>) (ExpressionEncoder<?>) layout.encoder(),
        object,
        below,
        false,
        layout.grouping(),
        layout.data(),
        layout.key(),
        LocalRelation$.MODULE$.apply(layout.encoder().schema()));
  }

  private static LogicalPlan table(
      OrderedTable fold, Layout layout, Attribute object, LogicalPlan below) {
    return new MapGroups(
        fold,
        layout.key(),
        layout.row(),
        layout.grouping(),
        layout.data(),
        layout.order(),
        object,
        below);
  }

  private List<NamedExpression> given(Attribute object, StructType gives, Optional<String> closes) {
    List<NamedExpression> columns = new ArrayList<>();
    for (int i = 0; i < gives.length(); i++) {
      StructField field = gives.apply(i);
      Expression value = new GetStructField(object, i, Option.apply(field.name()));
      boolean closing = closes.filter(field.name()::equals).isPresent();
      Option<Metadata> mark = closing ? Catalyst.mark(time()) : Option.apply(PLAIN);
      columns.add(Catalyst.as(field.name(), value, mark));
    }
    return columns;
  }
}
