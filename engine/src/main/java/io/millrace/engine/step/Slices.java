package io.millrace.engine.step;

import io.millrace.engine.fold.Aggregation;
import io.millrace.engine.fold.Merging;
import io.millrace.engine.fold.Partial;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.MicrosToTimestamp;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.Complete$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * The rows of a slice of time that lie in the same windows, aggregated within each task of a batch:
 * the windows then take one row for all of them, and merge. What is late, what is kept from batch
 * to batch and what comes out is as it is without slices.
 *
 * @param length how long a slice is
 */
record Slices(WindowStep.Settings settings, Duration length) {

  /**
   * Aggregates of slices.
   *
   * @param merging the results of windows, over a row for each key and slice of a task, which has
   *     the start of the slice in the place of its time
   */
  record Sliced(Aggregates merging) {
    LogicalPlan rows() {
      return merging.rows();
    }

    /** The results as columns of an aggregation. */
    List<NamedExpression> results() {
      Map<ExprId, Expression> functions = new HashMap<>();
      merging.functions().forEach(function -> functions.put(function.resultId(), function));
      return IntStream.range(0, merging.results().size())
          .<NamedExpression>mapToObj(
              i ->
                  Catalyst.as(
                      merging.types().apply(i).name(),
                      Catalyst.replaced(
                          merging.results().get(i),
                          part ->
                              part instanceof Attribute outcome
                                  ? Optional.ofNullable(functions.get(outcome.exprId()))
                                  : Optional.empty())))
          .toList();
    }
  }

  /** The rows in slices; empty where the aggregates cannot be taken apart. */
  Optional<Sliced> over(LogicalPlan rows) {
    try {
      return Optional.of(sliced(rows));
    } catch (TextFault fault) {
      return Optional.empty();
    } catch (Exception fault) {
      if (fault instanceof SparkThrowable) {
        return Optional.empty();
      }
      throw fault;
    }
  }

  /**
   * The rows in slices.
   *
   * @throws TextFault if the aggregates cannot be taken apart
   */
  Sliced sliced(LogicalPlan rows) {
    Attribute time = Catalyst.known(rows, "time", settings.column());
    List<Attribute> by = Catalyst.known(rows, "by", settings.by());
    if (by.contains(time) || !time.dataType().equals(DataTypes.TimestampType)) {
      throw new TextFault(
          "slices",
          1,
          1,
          "Cannot cut "
              + time.name()
              + " into slices: it is no timestamp, or one of the columns that rows are grouped by."
              + " Leave out slices");
    }
    Aggregates aggregates = Aggregates.of(rows, settings.aggregate()).overColumns();
    Layout columns = columns(time, by, aggregates.told());
    Aggregation aggregation = aggregates.over(columns.types(), columns.told());
    StructType gives = gives(columns, aggregates.functions(), aggregation.functions());
    Attribute object = reference("_sliced", gives, NamedExpression.newExprId(), false);
    LogicalPlan parts =
        new MapPartitions(
            new Partial(aggregation, columns.types(), columns.key().length()),
            object,
            columns.over(new Filter(new IsNotNull(time), aggregates.rows())));
    List<NamedExpression> given = new ArrayList<>();
    for (int i = 0; i < gives.length(); i++) {
      Expression value = new GetStructField(object, i, Option.apply(gives.apply(i).name()));
      given.add(
          i == by.size()
              ? Catalyst.as(time.name(), new MicrosToTimestamp(value), Catalyst.mark(time))
              : Catalyst.as(gives.apply(i).name(), value));
    }
    return new Sliced(
        new Aggregates(
            Catalyst.project(given, parts),
            merging(aggregation, given.subList(by.size() + 1, given.size())),
            aggregates.results(),
            aggregates.types()));
  }

  /** The key, then the buffers, each with the numbers of the columns that it is made of. */
  private static StructType gives(
      Layout columns, List<AggregateExpression> read, List<AggregateExpression> functions) {
    StructType gives = new StructType();
    for (StructField key : columns.key().fields()) {
      gives = gives.add(key.name(), key.dataType(), key.nullable(), Given.reads(gives.length()));
    }
    for (int i = 0; i < functions.size(); i++) {
      Metadata reads = Given.reads(columns.numbers(read.get(i)));
      for (Attribute part :
          Catalyst.list(functions.get(i).aggregateFunction().aggBufferAttributes())) {
        gives = gives.add("_part" + gives.length(), part.dataType(), part.nullable(), reads);
      }
    }
    return gives;
  }

  /** The columns of a row that is aggregated in its slice: the key, then what functions read. */
  private record Layout(
      List<NamedExpression> below,
      StructType key,
      StructType types,
      List<Keyed.Told> told,
      List<Attribute> all) {

    /** The numbers of the columns that a function reads. */
    long[] numbers(AggregateExpression function) {
      Set<ExprId> read = Catalyst.read(function);
      return IntStream.range(key.length(), all.size())
          .filter(i -> read.contains(all.get(i).exprId()))
          .asLongStream()
          .toArray();
    }

    /** Each row as one value. */
    LogicalPlan over(LogicalPlan rows) {
      List<Expression> parts = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        parts.add(Catalyst.text(types.apply(i).name()));
        parts.add(all.get(i));
      }
      return Catalyst.project(
          List.of(Catalyst.as("_row", new CreateNamedStruct(Catalyst.seq(parts)))),
          Catalyst.project(below, rows));
    }
  }

  private Layout columns(Attribute time, List<Attribute> by, List<Keyed.Told> read) {
    StructType key = new StructType();
    for (Attribute column : by) {
      key = key.add(column.name(), column.dataType(), column.nullable());
    }
    Alias slice =
        Catalyst.as(
            "_slice",
            OwnWindows.floor(Catalyst.call("unix_micros", time), settings.from(), length));
    key = key.add("_slice", DataTypes.LongType, false);
    List<NamedExpression> below = new ArrayList<>(by);
    below.add(slice);
    List<Attribute> all = new ArrayList<>(by);
    all.add(reference("_slice", DataTypes.LongType, slice.exprId(), false));
    StructType types = key;
    List<Keyed.Told> told = new ArrayList<>();
    for (Keyed.Told each : read) {
      Attribute column = each.known().orElseThrow();
      Keyed.Told renamed = new Keyed.Told("_read" + told.size(), each.type(), column);
      told.add(renamed);
      types = types.add(new StructField(renamed.name(), each.type(), true, Metadata.empty()));
      below.add(column);
      all.add(column);
    }
    return new Layout(below, key, types, told, all);
  }

  private static List<AggregateExpression> merging(
      Aggregation aggregation, List<NamedExpression> parts) {
    List<AggregateExpression> merging = new ArrayList<>();
    int next = 0;
    for (AggregateExpression function : aggregation.functions()) {
      int width = function.aggregateFunction().aggBufferAttributes().length();
      List<Attribute> own =
          parts.subList(next, next + width).stream().map(NamedExpression::toAttribute).toList();
      next += width;
      merging.add(
          new AggregateExpression(
              Merging.of(function.aggregateFunction(), own),
              Complete$.MODULE$,
              false,
              Option.empty(),
              function.resultId()));
    }
    return merging;
  }

  private static Attribute reference(String name, DataType type, ExprId id, boolean nullable) {
    return new AttributeReference(
        name, type, nullable, Metadata.empty(), id, Catalyst.seq(List.of()));
  }
}
