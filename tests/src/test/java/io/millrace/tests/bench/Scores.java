package io.millrace.tests.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import io.millrace.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The model that both sides score with, and what it gives for all events by Spark's transform. */
record Scores(SparkSession spark, Order order) {
  /** What both sides make of an event before it is scored. */
  private static final String[] FEATURES = {
    "id",
    "k",
    "t",
    "amount",
    "second(t) as at_second",
    "amount % 100 as cents",
    "id % 50 as slot",
    "amount / 7.0D as share"
  };

  private static final int LEARNED = 4_000;

  /** Trains it on the first events. */
  void train() throws IOException {
    Path folder = Files.createDirectories(Path.of(order.folder(), "train"));
    List<String> lines = new ArrayList<>();
    Events events = new Events(LEARNED);
    for (long id = 0; id < LEARNED; id++) {
      lines.add(events.at(id).json());
    }
    Files.write(Files.createDirectories(folder.resolve("data")).resolve("events.json"), lines);
    String learner = order.variant().name().contains("LINEAR") ? "linear" : "forest";
    Map<String, String> variables = Map.of("FOLDER", folder.toString(), "MODELS", order.folder());
    Ours.train(spark, "train-" + learner, variables, folder);
  }

  PipelineModel model() {
    String path = ModelStore.open(order.folder() + "/model").path();
    return PipelineModel.load(path + "/model");
  }

  /** Scored rows as the sink of both sides takes them. */
  static Dataset<Row> scored(PipelineModel model, Dataset<Row> events) {
    return model
        .transform(events.selectExpr(FEATURES))
        .select(
            col("id"),
            col("k"),
            col("t"),
            col("amount"),
            functions.vector_to_array(col("probability"), "float64").getItem(1).as("score"));
  }

  /** All events of the topic that count, scored at once. */
  Tally expected() {
    Dataset<Row> events =
        order.variant().made()
            ? Made.all(spark, order.batch())
            : topic(order.topic(), Plain.SCHEMA);
    return tally(scored(model(), Plain.wanted(events)));
  }

  /** What a job has written to a topic. */
  Tally told(String topic) {
    return tally(topic(topic, Plain.SCHEMA + ", score double"));
  }

  private Dataset<Row> topic(String topic, String schema) {
    return spark
        .read()
        .format("kafka")
        .option("kafka.bootstrap.servers", order.servers())
        .option("subscribe", topic)
        .load()
        .select(from_json(col("value").cast("string"), StructType.fromDDL(schema)).as("e"))
        .select("e.*");
  }

  private static Tally tally(Dataset<Row> rows) {
    Tally unused = Nothing.take();
    rows.write().format(Nothing.class.getName()).mode("append").save();
    return Nothing.take();
  }
}
