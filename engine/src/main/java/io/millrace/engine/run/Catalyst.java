package io.millrace.engine.run;

import io.millrace.engine.spi.Causes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.UnixMicros;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.classic.StreamingQueryManager;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.streaming.checkpointing.OffsetSeq;
import org.apache.spark.sql.execution.streaming.operators.stateful.StateStoreWriter;
import org.apache.spark.sql.execution.streaming.runtime.IncrementalExecution;
import org.apache.spark.sql.execution.streaming.runtime.StreamExecution;
import org.apache.spark.sql.execution.streaming.runtime.StreamExecution$;
import org.apache.spark.sql.execution.streaming.runtime.StreamingQueryWrapper;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.Option;
import scala.collection.immutable.Map$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;

/** The doors between frames and Spark's own plans and rows. */
final class Catalyst {
  private static final String VISITED = "_visited";

  static final ClassTag<InternalRow> ROW = ClassTag$.MODULE$.apply(InternalRow.class);

  private Catalyst() {}

  static Dataset<Row> frame(SparkSession spark, LogicalPlan plan) {
    return org.apache.spark.sql.classic.Dataset.ofRows(classic(spark), plan);
  }

  static Dataset<Row> frame(SparkSession spark, RDD<InternalRow> rows, StructType schema) {
    return classic(spark).internalCreateDataFrame(rows, schema, false);
  }

  /** The rows that meet a condition; columns in it are looked up in them. */
  static Dataset<Row> filtered(Dataset<Row> rows, Expression condition) {
    return frame(rows.sparkSession(), new Filter(condition, rows.queryExecution().analyzed()));
  }

  /**
   * The rows, for each of which a function was called. Unlike a filter, which Spark takes below
   * what its inputs are computed by, this computes them once.
   */
  static Dataset<Row> visited(Dataset<Row> rows, Expression call) {
    LogicalPlan plan = rows.queryExecution().analyzed();
    List<NamedExpression> own = new ArrayList<>(CollectionConverters.asJava(plan.output()));
    return frame(
        rows.sparkSession(),
        new Project(
            CollectionConverters.asScala(own).toList(),
            new Filter(column(VISITED), with(plan, VISITED, call))));
  }

  /** The rows with one more column; columns in it are looked up in them. */
  static Dataset<Row> added(Dataset<Row> rows, String name, Expression column) {
    return frame(rows.sparkSession(), with(rows.queryExecution().analyzed(), name, column));
  }

  private static LogicalPlan with(LogicalPlan plan, String name, Expression column) {
    List<NamedExpression> all = new ArrayList<>(CollectionConverters.asJava(plan.output()));
    Seq<String> none = CollectionConverters.asScala(List.<String>of()).toList();
    all.add(new Alias(column, name, NamedExpression.newExprId(), none, Option.empty(), none));
    return new Project(CollectionConverters.asScala(all).toList(), plan);
  }

  static Expression column(String name) {
    return new UnresolvedAttribute(CollectionConverters.asScala(List.of(name)).toList());
  }

  /** An expression as a column. */
  static Column column(Expression expression) {
    return ExpressionUtils.column(expression);
  }

  /** A time in microseconds. */
  static Expression micros(Expression time) {
    return new UnixMicros(time);
  }

  /** A condition that a Scala function decides, once for each row and where it stands. */
  static Expression call(Object function, List<Expression> inputs) {
    return call(function, DataTypes.BooleanType, inputs);
  }

  /** What a Scala function gives, called once for each row and where it stands. */
  static Expression call(Object function, DataType type, List<Expression> inputs) {
    return new ScalaUDF(
        function,
        type,
        CollectionConverters.asScala(inputs).toList(),
        CollectionConverters.asScala(List.<Option<ExpressionEncoder<?>>>of()).toList(),
        Option.empty(),
        Option.empty(),
        !type.equals(DataTypes.BooleanType),
        false);
  }

  /** The same rows, where other Scala functions are called; null leaves one as it is. */
  static Dataset<Row> recalled(Dataset<Row> rows, Function<Object, @Nullable Object> other) {
    return frame(
        rows.sparkSession(),
        rows.queryExecution().analyzed().transformAllExpressions(new Recalling(other)));
  }

  private static final class Recalling extends AbstractPartialFunction<Expression, Expression> {
    private static final long serialVersionUID = 1;
    private final transient Function<Object, @Nullable Object> other;

    Recalling(Function<Object, @Nullable Object> other) {
      this.other = other;
    }

    @Override
    public boolean isDefinedAt(Expression part) {
      return part instanceof ScalaUDF call && other.apply(call.function()) != null;
    }

    @Override
    @SuppressWarnings("unchecked") // B1 is a supertype of Expression, as Scala's signature says
    public <A1 extends Expression, B1> B1 applyOrElse(A1 part, Function1<A1, B1> otherwise) {
      Object function = part instanceof ScalaUDF call ? other.apply(call.function()) : null;
      return function == null ? otherwise.apply(part) : (B1) recalled((ScalaUDF) part, function);
    }

    private static ScalaUDF recalled(Expression part, Object function) {
      ScalaUDF call = (ScalaUDF) part;
      return new ScalaUDF(
          function,
          call.dataType(),
          call.children(),
          call.inputEncoders(),
          call.outputEncoder(),
          call.udfName(),
          call.nullable(),
          call.udfDeterministic());
    }
  }

  /** The rows that a frame was made of. */
  static RDD<InternalRow> rows(Dataset<Row> frame) {
    return ((LogicalRDD) frame.queryExecution().analyzed()).rdd();
  }

  /** The same frame over other rows: each of these in the place of those that stand for it. */
  static Dataset<Row> fed(Dataset<Row> frame, Map<RDD<?>, RDD<InternalRow>> rows) {
    return frame(
        frame.sparkSession(),
        frame
            .queryExecution()
            .analyzed()
            .transformUpWithSubqueries(new Feeding(classic(frame.sparkSession()), rows)));
  }

  private static final class Feeding extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private static final long serialVersionUID = 1;
    private final transient org.apache.spark.sql.classic.SparkSession spark;
    private final transient Map<RDD<?>, RDD<InternalRow>> rows;

    Feeding(org.apache.spark.sql.classic.SparkSession spark, Map<RDD<?>, RDD<InternalRow>> rows) {
      this.spark = spark;
      this.rows = rows;
    }

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
      return plan instanceof LogicalRDD leaf && rows.containsKey(leaf.rdd());
    }

    @Override
    @SuppressWarnings("unchecked") // B1 is a supertype of LogicalPlan, as Scala's signature says
    public <A1 extends LogicalPlan, B1> B1 applyOrElse(A1 plan, Function1<A1, B1> otherwise) {
      RDD<InternalRow> other = plan instanceof LogicalRDD leaf ? rows.get(leaf.rdd()) : null;
      return other == null
          ? otherwise.apply(plan)
          : (B1) over((LogicalRDD) (LogicalPlan) plan, other);
    }

    private LogicalRDD over(LogicalRDD leaf, RDD<InternalRow> rows) {
      return new LogicalRDD(
          leaf.output(),
          rows,
          leaf.outputPartitioning(),
          leaf.outputOrdering(),
          leaf.isStreaming(),
          leaf.stream(),
          spark,
          Option.empty(),
          Option.empty());
    }
  }

  /** The functions of a type that a plan calls. */
  static <F> Set<F> functions(LogicalPlan plan, Class<F> type) {
    Set<F> found = new LinkedHashSet<>();
    CollectionConverters.asJava(plan.expressions())
        .forEach(part -> found.addAll(functions(part, type)));
    CollectionConverters.asJava(plan.children())
        .forEach(child -> found.addAll(functions(child, type)));
    return found;
  }

  /** The functions of a type that an expression calls. */
  static <F> Set<F> functions(Expression part, Class<F> type) {
    Set<F> found = new LinkedHashSet<>();
    if (part instanceof ScalaUDF call && type.isInstance(call.function())) {
      found.add(type.cast(call.function()));
    }
    CollectionConverters.asJava(part.children())
        .forEach(child -> found.addAll(functions(child, type)));
    return found;
  }

  /** The batch that a streaming query of this process works at; empty where none does. */
  static Optional<IncrementalExecution> batch(SparkSession spark, UUID query) {
    return Optional.ofNullable(classic(spark).sharedState().activeStreamingQueries().get(query))
        .flatMap(running -> Optional.ofNullable(running.lastExecution()));
  }

  /**
   * How many rows the state of a running query holds after the batch that it works at, where one
   * operator keeps it.
   */
  static Optional<Long> held(SparkSession spark, UUID query) {
    List<SparkPlan> stateful =
        batch(spark, query).map(batch -> stateful(batch.executedPlan())).orElse(List.of());
    return stateful.size() == 1
        ? Optional.of(stateful.get(0).longMetric("numTotalStateRows").value())
        : Optional.empty();
  }

  private static List<SparkPlan> stateful(SparkPlan plan) {
    List<SparkPlan> found = new ArrayList<>();
    if (plan instanceof StateStoreWriter) {
      found.add(plan);
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> found.addAll(stateful(child)));
    return found;
  }

  /**
   * Where the sources of a running query stood at the end of a batch, as JSON; empty if unknown.
   */
  static String offsets(SparkSession spark, UUID query, long batch) {
    StreamExecution running = classic(spark).sharedState().activeStreamingQueries().get(query);
    if (running == null) {
      return "";
    }
    Option<OffsetSeq> noted = running.offsetLog().get(batch);
    return noted.isEmpty()
        ? ""
        : CollectionConverters.asJava(noted.get().offsets()).stream()
            .map(offset -> offset.map(Offset::json).getOrElse(() -> "-"))
            .collect(Collectors.joining(" "));
  }

  /** Whether a stop of the running query ended its work, which is no failure. */
  static boolean interruption(SparkSession spark, Throwable failure) {
    return Causes.of(failure).stream()
        .anyMatch(
            cause -> StreamExecution$.MODULE$.isInterruptionException(cause, spark.sparkContext()));
  }

  /** Whether a streaming query of this id runs in this process. */
  static boolean running(SparkSession spark, UUID query) {
    return classic(spark).sharedState().activeStreamingQueries().containsKey(query);
  }

  /** The number of the last batch that a query has noted as done; -1 if there is none. */
  static long committed(StreamingQuery query) {
    StreamExecution execution = ((StreamingQueryWrapper) query).streamingQuery();
    return OptionConverters.toJava(execution.commitLog().getLatestBatchId())
        .map(number -> ((Number) number).longValue())
        .orElse(-1L);
  }

  /** Starts a query in real time, whose rows Spark writes to a table of ours. */
  static StreamingQuery inRealTime(
      Dataset<Row> rows, String name, String checkpoint, Table table, Duration batches)
      throws TimeoutException {
    StreamingQueryManager queries = classic(rows.sparkSession()).streams();
    return queries.startQuery(
        Option.apply(name),
        Option.apply(checkpoint),
        (org.apache.spark.sql.classic.Dataset<Row>) rows,
        Map$.MODULE$.empty(),
        table,
        OutputMode.Update(),
        false,
        true,
        Trigger.RealTime(batches.toMillis()),
        queries.startQuery$default$10(),
        Option.empty(),
        Option.empty());
  }

  private static org.apache.spark.sql.classic.SparkSession classic(SparkSession spark) {
    return (org.apache.spark.sql.classic.SparkSession) spark;
  }
}
