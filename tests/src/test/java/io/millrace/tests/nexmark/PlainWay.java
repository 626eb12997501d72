package io.millrace.tests.nexmark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.current_timestamp;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.session_window;
import static org.apache.spark.sql.functions.window;

import io.millrace.engine.decode.JsonDecoder;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.step.LookupStep;
import io.millrace.engine.step.SqlStep;
import io.millrace.engine.step.WatermarkStep;
import io.millrace.engine.step.WindowStep;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.jdbc.JdbcSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/**
 * The same query by hand, from Spark's documentation: its Kafka source, {@code from_json}, the same
 * SQL and windows, that of the resource {@code nexmark/q5.sql} where the job file of q5 has a step
 * for it, and {@code foreachBatch} with {@code write.jdbc}, or a batched {@code ON CONFLICT} where
 * rows replace others; two state partitions. It promises less: a batch that comes again is written
 * again.
 */
final class PlainWay implements Way {
  private final Query query;
  private final Plan plan;
  private final Site site;
  private final LocalPostgres database;
  private final Path folder;
  private final long batch;
  private final Rival.Store store;

  /**
   * A query by hand.
   *
   * @param plan of its job file
   * @param batch the most records of a topic in one batch
   * @param store where it keeps its state
   */
  PlainWay(
      Query query,
      Plan plan,
      Site site,
      LocalPostgres database,
      Path folder,
      long batch,
      Rival.Store store) {
    this.query = query;
    this.plan = plan;
    this.site = site;
    this.database = database;
    this.folder = folder;
    this.batch = batch;
    this.store = store;
  }

  /** Whether plain Spark gives its result in one query. */
  static boolean runs(Query query) {
    return !query.inTwoParts();
  }

  @Override
  public Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  @Override
  public OptionalLong run() {
    SparkSession spark = Sessions.spark().newSession();
    store.settings().forEach((name, value) -> spark.conf().set(name, value));
    Dataset<Row> result = result(spark);
    try {
      StreamingQuery running = writer(result).start();
      running.awaitTermination();
      return JobWay.held(running.recentProgress()).findFirst();
    } catch (TimeoutException | StreamingQueryException e) {
      throw new IllegalStateException(query.word() + " by hand: " + e.getMessage(), e);
    }
  }

  private Dataset<Row> result(SparkSession spark) {
    for (Plan.Input input : plan.inputs()) {
      read(spark, input).createOrReplaceTempView(input.name());
    }
    Optional<String> own = own();
    plan.stages().stream()
        .filter(stage -> own.isEmpty() || stage.step() instanceof WatermarkStep)
        .forEach(stage -> next(spark, stage).createOrReplaceTempView(stage.name()));
    return own.map(spark::sql).orElseGet(() -> spark.table(plan.outputs().get(0).from()));
  }

  /** The query in SQL of its own, over its streams with their watermarks. */
  private Optional<String> own() {
    try (InputStream text =
        PlainWay.class.getResourceAsStream("/nexmark/" + query.word() + ".sql")) {
      return text == null
          ? Optional.empty()
          : Optional.of(new String(text.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Dataset<Row> read(SparkSession spark, Plan.Input input) {
    if (input.fixed()) {
      return spark
          .read()
          .schema("key bigint, value string")
          .option("header", true)
          .csv(io.millrace.tests.Jobs.folder("conf/nexmark/side-input").toString());
    }
    JsonDecoder decoder = (JsonDecoder) input.decoder().orElseThrow();
    return spark
        .readStream()
        .format("kafka")
        .option("kafka.bootstrap.servers", site.servers())
        .option("subscribe", site.name() + "-" + input.name())
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", batch)
        .load()
        .select(from_json(col("value").cast("string"), decoder.schema()).as("event"))
        .select("event.*");
  }

  private static Dataset<Row> next(SparkSession spark, Plan.Stage stage) {
    Dataset<Row> from = spark.table(stage.from().get(0));
    if (stage.step() instanceof SqlStep sql) {
      return spark.sql(sql.settings().query());
    }
    if (stage.step() instanceof WatermarkStep watermark) {
      WatermarkStep.Settings settings = watermark.settings();
      return from.withWatermark(settings.time(), seconds(settings.delay()));
    }
    if (stage.step() instanceof LookupStep lookup) {
      Dataset<Row> table = spark.table(lookup.settings().table());
      String[] on = lookup.settings().on().toArray(String[]::new);
      return from.join(table, on, "left");
    }
    if (stage.step() instanceof WindowStep window) {
      return windowed(from, window.settings());
    }
    throw new IllegalStateException("There is no plain form of " + stage.name());
  }

  private static String seconds(Duration duration) {
    return duration.toSeconds() + " seconds";
  }

  private static Dataset<Row> windowed(Dataset<Row> from, WindowStep.Settings settings) {
    Column time = settings.time().equals("processed") ? current_timestamp() : col(settings.time());
    Column period =
        settings
            .session()
            .map(gap -> session_window(time, seconds(gap)))
            .orElseGet(() -> window(time, seconds(settings.every().orElseThrow())));
    Column[] groups =
        Stream.concat(Stream.of(period.as("period")), settings.by().stream().map(name -> col(name)))
            .toArray(Column[]::new);
    List<Column> aggregates =
        settings.aggregate().entrySet().stream()
            .map(entry -> expr(entry.getValue()).as(entry.getKey()))
            .toList();
    Column[] more = aggregates.stream().skip(1).toArray(Column[]::new);
    Column[] shown =
        Stream.of(
                Stream.of(
                    col("period.start").as("window_start"), col("period.end").as("window_end")),
                settings.by().stream().map(name -> col(name)),
                settings.aggregate().keySet().stream().map(name -> col(name)))
            .flatMap(columns -> columns)
            .toArray(Column[]::new);
    return from.groupBy(groups).agg(aggregates.get(0), more).select(shown);
  }

  private DataStreamWriter<Row> writer(Dataset<Row> rows) {
    Plan.Output output = plan.outputs().get(0);
    DataStreamWriter<Row> writer =
        rows.writeStream()
            .outputMode(output.how().mode() == Mode.UPDATE ? "update" : "append")
            .option("checkpointLocation", checkpoint().toString())
            .trigger(Trigger.AvailableNow());
    if (output.sink() instanceof JdbcSink jdbc) {
      List<String> keys = jdbc.settings().keys();
      return writer.foreachBatch(
          keys.isEmpty() ? appending() : new Upsert(database, table(), rows.schema(), keys));
    }
    return writer
        .format("parquet")
        .partitionBy("day", "minute")
        .option("path", folder.resolve("out/" + query.word()).toString());
  }

  private String table() {
    return "nexmark_" + query.word();
  }

  private VoidFunction2<Dataset<Row>, Long> appending() {
    Properties properties = new Properties();
    properties.setProperty("user", database.user());
    properties.setProperty("driver", "org.postgresql.Driver");
    properties.setProperty("batchsize", "10000");
    return (rows, number) ->
        rows.write().mode(SaveMode.Append).jdbc(database.url(), table(), properties);
  }
}
