package io.millrace.engine.step;

import io.millrace.engine.fold.AsOf;
import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Span;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.TextFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Add;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.MicrosToTimestamp;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.UnixMicros;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * Rows of one stream with the version of their key that another stream had at their time. Both are
 * one stream here, told in the order of time, versions before rows of the same moment.
 *
 * @param left the rows, analysed
 * @param right their versions, analysed
 */
record AsOfJoin(JoinStep.Settings settings, LogicalPlan left, LogicalPlan right) {
  private static final String AT = "_at";
  private static final String VERSION = "_version";
  private static final String GONE = "_gone";

  /** One of the two, each with columns for both. */
  private record Side(LogicalPlan rows, Attribute time, boolean versions) {}

  LogicalPlan plan() {
    JoinStep.AsOf asOf = settings.asOf().orElseThrow();
    Side rows = new Side(left, time(settings.left(), left), false);
    Side versions = new Side(right, time(settings.right(), right), true);
    List<Attribute> own = shown(left);
    List<Attribute> others =
        shown(right).stream().filter(column -> !settings.key(column.name())).toList();
    settings.refuseClash(own, others);
    requireSameTypes();
    Newer newer = Newer.of(right, "as-of.order-by", asOf.orderBy());
    LogicalPlan together =
        new Union(
            Catalyst.seq(List.of(side(rows, own, others), side(versions, own, others))),
            false,
            false);
    Keyed keyed = Keyed.by(together, settings.on());
    List<String> names = own.stream().map(Attribute::name).toList();
    List<String> taken = others.stream().map(Attribute::name).toList();
    List<Keyed.Told> told = new ArrayList<>();
    names.forEach(name -> told.add(told(together, name)));
    taken.forEach(name -> told.add(told(together, name)));
    Given gives = Given.of(told);
    told.add(told(together, VERSION));
    told.add(Keyed.Told.holds(GONE, gone(asOf)));
    return keyed.ordered(
        told, types -> fold(types, newer, names, taken), gives.columns(), rows.time().name());
  }

  private static Keyed.Told told(LogicalPlan rows, String name) {
    return Keyed.Told.of(Catalyst.attribute(rows, name).orElseThrow());
  }

  private Fold fold(StructType types, Newer newer, List<String> names, List<String> taken) {
    return new AsOf(
        new AsOf.Sides(types.fieldIndex(VERSION), types.fieldIndex(GONE)),
        newer.over(types),
        Values.of(types, names),
        Values.of(types, taken),
        types.length(),
        settings.type() == JoinStep.Type.LEFT,
        Span.of(settings.asOf().orElseThrow().keep()));
  }

  private static Attribute time(String input, LogicalPlan rows) {
    return Catalyst.time(rows)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Needs a watermark on "
                        + input
                        + ", by which it waits for the other one. Add watermark: {time: …, delay:"
                        + " …} to its source"));
  }

  private static List<Attribute> shown(LogicalPlan rows) {
    return Catalyst.list(rows.output()).stream()
        .filter(column -> !Catalyst.hidden(column.name()))
        .toList();
  }

  private void requireSameTypes() {
    List<Attribute> one = Catalyst.known(left, "on", settings.on());
    List<Attribute> other = Catalyst.known(right, "on", settings.on());
    for (int i = 0; i < one.size(); i++) {
      if (!one.get(i).dataType().equals(other.get(i).dataType())) {
        throw new TextFault(
            "on." + i,
            1,
            1,
            "Cannot compare %s: it is %s in %s and %s in %s. Cast one of them in a step above"
                .formatted(
                    one.get(i).name(),
                    one.get(i).dataType().sql(),
                    settings.left(),
                    other.get(i).dataType().sql(),
                    settings.right()));
      }
    }
  }

  /** The condition on a version, which is told before the other side's columns could be in it. */
  private Expression gone(JoinStep.AsOf asOf) {
    if (asOf.deleteWhen().isEmpty()) {
      return Catalyst.truth(false);
    }
    Expression condition = Catalyst.expression("as-of.delete-when", asOf.deleteWhen().get());
    List<String> known = shown(right).stream().map(Attribute::name).toList();
    if (Catalyst.contains(
        condition,
        part ->
            part instanceof UnresolvedAttribute column
                && known.stream().noneMatch(column.nameParts().head()::equalsIgnoreCase))) {
      throw new TextFault(
          "as-of.delete-when",
          1,
          1,
          "Expected a condition on the columns of "
              + settings.right()
              + ", found "
              + asOf.deleteWhen().get()
              + ". There are "
              + known);
    }
    return condition;
  }

  private LogicalPlan side(Side side, List<Attribute> own, List<Attribute> others) {
    List<NamedExpression> columns = new ArrayList<>();
    for (Attribute column : own) {
      columns.add(
          side.versions() && !settings.key(column.name())
              ? absent(column)
              : plain(column.name(), Catalyst.attribute(side.rows(), column.name()).orElseThrow()));
    }
    for (Attribute column : others) {
      columns.add(side.versions() ? plain(column.name(), column) : absent(column));
    }
    columns.add(Catalyst.as(AT, side.time(), Catalyst.mark(side.time())));
    columns.add(Catalyst.as(VERSION, Catalyst.truth(side.versions())));
    columns.add(
        Catalyst.as(
            Columns.SOURCE,
            new CreateNamedStruct(Catalyst.seq(List.of(Catalyst.text("offset"), place(side))))));
    return Catalyst.project(columns, side.rows());
  }

  private static NamedExpression absent(Attribute column) {
    return Catalyst.as(column.name(), new Literal(null, column.dataType()));
  }

  /** A column without a watermark: there is one for both sides. */
  private static NamedExpression plain(String name, Attribute column) {
    return Catalyst.as(
        name, Catalyst.marked(column) ? new MicrosToTimestamp(new UnixMicros(column)) : column);
  }

  /** Versions come before rows of the same time: their offsets are told below zero. */
  private static Expression place(Side side) {
    Expression offset =
        Catalyst.attribute(side.rows(), Columns.SOURCE)
            .flatMap(AsOfJoin::offset)
            .orElseGet(() -> Catalyst.whole(0));
    return side.versions() ? new Add(offset, Catalyst.whole(Long.MIN_VALUE)) : offset;
  }

  private static Optional<Expression> offset(Attribute source) {
    if (!(source.dataType() instanceof StructType fields)
        || !List.of(fields.fieldNames()).contains("offset")) {
      return Optional.empty();
    }
    Expression field =
        new GetStructField(source, fields.fieldIndex("offset"), Option.apply("offset"));
    Expression number = new Cast(field, DataTypes.LongType, Option.apply("UTC"), EvalMode.LEGACY());
    return Optional.of(new Coalesce(Catalyst.seq(List.of(number, Catalyst.whole(0)))));
  }
}
