package io.millrace.tests.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.window;

import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;

/**
 * The opponent: what one writes by hand from Spark's documentation, tuned where that costs nothing
 * (two shuffle partitions, inserts of 10,000 rows).
 */
final class Plain {
  static final String SCHEMA = "id bigint, k string, t timestamp, amount bigint";

  private final SparkSession spark;
  private final Order order;
  private final Path folder;

  Plain(SparkSession spark, Order order, Path folder) {
    this.spark = spark;
    this.order = order;
    this.folder = folder;
  }

  void decode(String topic, long batch) throws TimeoutException, StreamingQueryException {
    finish(wanted(topic, batch).writeStream().format(Nothing.class.getName()));
  }

  void jdbc(String topic, long batch, String table, String url)
      throws TimeoutException, StreamingQueryException {
    Properties properties = new Properties();
    properties.setProperty("user", order.user());
    properties.setProperty("driver", "org.postgresql.Driver");
    properties.setProperty("batchsize", "10000");
    VoidFunction2<Dataset<Row>, Long> insert =
        (rows, id) -> rows.write().mode(SaveMode.Append).jdbc(url, table, properties);
    finish(wanted(topic, batch).writeStream().foreachBatch(insert));
  }

  void windows(String topic, long batch) throws TimeoutException, StreamingQueryException {
    finish(
        events(topic, batch)
            .withWatermark("t", "5 seconds")
            .groupBy(window(col("t"), "10 seconds"), col("k"))
            .agg(count(lit(1)).as("n"), sum("amount").as("total"))
            .select(col("window.start").as("window_start"), col("k"), col("n"), col("total"))
            .writeStream()
            .outputMode("append")
            .format(Nothing.class.getName()));
  }

  void scores(String topic, long batch, PipelineModel model)
      throws TimeoutException, StreamingQueryException {
    scores(wanted(topic, batch), model);
  }

  /** The same of events that are made where they are read. */
  void scoresMade(long count, PipelineModel model)
      throws TimeoutException, StreamingQueryException {
    scores(wanted(Made.stream(spark, count)), model);
  }

  private void scores(Dataset<Row> wanted, PipelineModel model)
      throws TimeoutException, StreamingQueryException {
    VoidFunction2<Dataset<Row>, Long> score =
        (rows, id) ->
            Scores.scored(model, rows)
                .write()
                .format(Nothing.class.getName())
                .mode(SaveMode.Append)
                .save();
    finish(wanted.writeStream().foreachBatch(score));
  }

  /** The same into a topic, for as long as nobody stops it. */
  StreamingQuery scored(String topic, String sinkTopic, PipelineModel model)
      throws TimeoutException {
    VoidFunction2<Dataset<Row>, Long> score =
        (rows, id) ->
            Scores.scored(model, rows)
                .select(col("k").as("key"), to_json(struct(col("*"))).as("value"))
                .write()
                .format("kafka")
                .option("kafka.bootstrap.servers", order.servers())
                .option("topic", sinkTopic)
                .save();
    return wanted(topic, Long.MAX_VALUE)
        .writeStream()
        .foreachBatch(score)
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .start();
  }

  private Dataset<Row> wanted(String topic, long batch) {
    return wanted(events(topic, batch));
  }

  static Dataset<Row> wanted(Dataset<Row> events) {
    return events.where(col("amount").geq(Events.LEAST_AMOUNT)).select("id", "k", "t", "amount");
  }

  private Dataset<Row> events(String topic, long batch) {
    return spark
        .readStream()
        .format("kafka")
        .option("kafka.bootstrap.servers", order.servers())
        .option("subscribe", topic)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", batch)
        .load()
        .select(from_json(col("value").cast("string"), StructType.fromDDL(SCHEMA)).as("e"))
        .select("e.*");
  }

  private void finish(DataStreamWriter<Row> writer)
      throws TimeoutException, StreamingQueryException {
    writer
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
  }
}
