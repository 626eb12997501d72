package io.millrace.engine.run;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Versioned;
import java.sql.Timestamp;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** How a query reads: as a stream, or once over what is there. */
sealed interface Reading {
  /** The rows of a stream, as its source gives them. */
  Dataset<Row> open(SparkSession spark, Plan.Input input);

  /** The rows of a static table, decoded. */
  Dataset<Row> table(SparkSession spark, Plan.Input input);

  /** The steps whose parts change. */
  Renewals renewals();

  /** What of a step's result is final. */
  Dataset<Row> settle(
      Plan.Stage stage, Graph graph, Function<String, Dataset<Row>> frames, Dataset<Row> rows);

  /** A stream: Spark itself hands out what is final. */
  record Stream(Changing changing) implements Reading {
    @Override
    public Dataset<Row> open(SparkSession spark, Plan.Input input) {
      return input.source().open(spark);
    }

    @Override
    public Dataset<Row> table(SparkSession spark, Plan.Input input) {
      return changing.tables().frame(spark, input);
    }

    @Override
    public Renewals renewals() {
      return changing.renewals();
    }

    @Override
    public Dataset<Row> settle(
        Plan.Stage stage, Graph graph, Function<String, Dataset<Row>> frames, Dataset<Row> rows) {
      return rows;
    }
  }

  /** Streams that somebody else cuts into batches: each stands for the rows of one. */
  record Fed(Map<String, Dataset<Row>> streams, Renewals renewals) implements Reading {
    @Override
    public Dataset<Row> open(SparkSession spark, Plan.Input input) {
      return Objects.requireNonNull(streams.get(input.name()), input.name());
    }

    /** As it is when it is first read; it is not read again. */
    @Override
    public Dataset<Row> table(SparkSession spark, Plan.Input input) {
      return Decoding.decoded(input, input.source().read(spark));
    }

    @Override
    public Dataset<Row> settle(
        Plan.Stage stage, Graph graph, Function<String, Dataset<Row>> frames, Dataset<Row> rows) {
      return rows;
    }
  }

  /** Once over tables. A result counts when the watermark at the end of the input has closed it. */
  record Once(Mode mode, Launcher.Ends ends, Renewals renewals) implements Reading {
    @Override
    public Dataset<Row> open(SparkSession spark, Plan.Input input) {
      return input.source().read(spark);
    }

    @Override
    public Dataset<Row> table(SparkSession spark, Plan.Input input) {
      return Decoding.decoded(input, open(spark, input));
    }

    @Override
    public Dataset<Row> settle(
        Plan.Stage stage, Graph graph, Function<String, Dataset<Row>> frames, Dataset<Row> rows) {
      if (mode != Mode.APPEND || ends == Launcher.Ends.CLOSED) {
        return rows;
      }
      Dataset<Row> first = frames.apply(stage.from().get(0));
      Optional<String> closes = stage.step().closesAt(first.queryExecution().analyzed());
      if (closes.isEmpty()) {
        return rows;
      }
      Optional<Timestamp> watermark = Watermarks.atEnd(stage, graph, frames);
      return rows.where(watermark.map(time -> col(closes.get()).leq(lit(time))).orElse(lit(false)));
    }
  }

  /** As another, where one input, if it keeps its versions, is read in this one. */
  record At(Reading other, Plan.Input pinned, String version) implements Reading {
    @Override
    public Dataset<Row> open(SparkSession spark, Plan.Input input) {
      return input.equals(pinned) && input.source() instanceof Versioned source && source.keeps()
          ? source.read(spark, version)
          : other.open(spark, input);
    }

    @Override
    public Dataset<Row> table(SparkSession spark, Plan.Input input) {
      return input.equals(pinned)
          ? Decoding.decoded(input, open(spark, input))
          : other.table(spark, input);
    }

    @Override
    public Renewals renewals() {
      return other.renewals();
    }

    @Override
    public Dataset<Row> settle(
        Plan.Stage stage, Graph graph, Function<String, Dataset<Row>> frames, Dataset<Row> rows) {
      return other.settle(stage, graph, frames, rows);
    }
  }
}
