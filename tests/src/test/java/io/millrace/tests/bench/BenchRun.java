package io.millrace.tests.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.Uncounted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * The child process: one order, first to get warm if there is something for it, then on the clock.
 */
public final class BenchRun {
  /** Stands before the outcome on its line of the standard output. */
  static final String MARKER = "MILLRACE-BENCH ";

  private final Order order;
  private final SparkSession spark;
  private final Live live;

  private BenchRun(Order order, SparkSession spark) {
    this.order = order;
    this.spark = spark;
    this.live = new Live(order);
  }

  /** Runs the order that is the only argument, as JSON. */
  public static void main(String[] arguments) throws Exception {
    ObjectMapper json = new ObjectMapper();
    Order order = json.readValue(arguments[0], Order.class);
    try (SparkSession spark = session(order.variant())) {
      BenchRun run = new BenchRun(order, spark);
      if (order.variant().scores()) {
        run.scores().train();
      }
      if (order.warmEvents() > 0 && !order.variant().live()) {
        run.part("warm", order.warmTopic(), Math.min(order.batch(), order.warmEvents()));
      }
      Outcome outcome = run.measured();
      System.out.println(MARKER + json.writeValueAsString(outcome));
    }
  }

  private static SparkSession session(Variant variant) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(variant.live() ? "local[3]" : "local[2]")
            .appName("bench")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2");
    switch (variant) {
      case WINDOW_PLAIN_ROCKSDB ->
          builder
              .config(
                  "spark.sql.streaming.stateStore.providerClass",
                  "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
              .config(
                  "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true");
      case DECODE_OURS,
          JDBC_OURS,
          WINDOW_OURS,
          ONE_SINK,
          FOUR_SINKS,
          JDBC_UNCOUNTED,
          WINDOW_UNCOUNTED,
          LEDGER_JDBC,
          LEDGERLESS_JDBC,
          LEDGER_DELTA,
          LEDGERLESS_DELTA,
          LEDGER_KAFKA,
          LEDGERLESS_KAFKA,
          LOOSE_KAFKA,
          SCORE_FOREST_OURS,
          SCORE_LINEAR_OURS,
          MADE_FOREST_OURS,
          MADE_LINEAR_OURS,
          SCORE_ROW_OURS,
          SCORE_ROW_BARE,
          LATENCY_REALTIME,
          LATENCY_BATCHES ->
          builder
              .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
              .config(
                  "spark.sql.catalog.spark_catalog",
                  "org.apache.spark.sql.delta.catalog.DeltaCatalog");
      case DECODE_PLAIN,
          JDBC_PLAIN,
          JDBC_PLAIN_REWRITTEN,
          WINDOW_PLAIN,
          LADDER_DRIVER,
          LADDER_RECORD,
          LADDER_PARTITION,
          LADDER_POOL,
          SCORE_FOREST_PLAIN,
          SCORE_LINEAR_PLAIN,
          MADE_FOREST_PLAIN,
          MADE_LINEAR_PLAIN,
          SCORE_ROW_PLAIN,
          LATENCY_PLAIN -> {}
    }
    return builder.getOrCreate();
  }

  private Outcome measured() throws Exception {
    double servers = Processes.trees(order.serverProcesses());
    double own = Processes.own();
    long start = System.nanoTime();
    part("run", order.topic(), order.batch());
    double seconds = (System.nanoTime() - start) / 1e9;
    own = Processes.own() - own;
    servers = Processes.trees(order.serverProcesses()) - servers;
    double peak = Processes.peakMebibytes();
    return new Outcome(seconds, own, servers, peak, null, live.pauses(), wrong());
  }

  /** The whole job over one topic, until its last row is visible. */
  private void part(String part, String topic, long batch) throws Exception {
    Path folder = Files.createDirectories(folder(part));
    Nothing.take();
    Plain plain = new Plain(spark, order, folder);
    switch (order.variant()) {
      case DECODE_OURS -> ours("decode", part, topic, batch);
      case DECODE_PLAIN -> plain.decode(topic, batch);
      case JDBC_OURS, ONE_SINK, JDBC_UNCOUNTED -> ours("jdbc", part, topic, batch);
      case JDBC_PLAIN -> plain.jdbc(topic, batch, part, order.url());
      case JDBC_PLAIN_REWRITTEN ->
          plain.jdbc(topic, batch, part, order.url() + "?reWriteBatchedInserts=true");
      case WINDOW_OURS, WINDOW_UNCOUNTED -> ours("window", part, topic, batch);
      case WINDOW_PLAIN, WINDOW_PLAIN_ROCKSDB -> plain.windows(topic, batch);
      case FOUR_SINKS -> ours("four-sinks", part, topic, batch);
      case LEDGER_JDBC,
          LEDGERLESS_JDBC,
          LEDGER_DELTA,
          LEDGERLESS_DELTA,
          LEDGER_KAFKA,
          LEDGERLESS_KAFKA,
          LOOSE_KAFKA ->
          ours(order.variant().word(), part, topic, batch);
      case LADDER_DRIVER, LADDER_RECORD, LADDER_PARTITION, LADDER_POOL ->
          new Ladder(spark, order, part).run(order.variant(), order.events());
      case SCORE_FOREST_OURS, SCORE_LINEAR_OURS, SCORE_ROW_OURS ->
          ours("score", part, topic, batch);
      case SCORE_FOREST_PLAIN, SCORE_LINEAR_PLAIN, SCORE_ROW_PLAIN ->
          plain.scores(topic, batch, scores().model());
      case MADE_FOREST_OURS, MADE_LINEAR_OURS -> ours("score-made", part, topic, batch);
      case MADE_FOREST_PLAIN, MADE_LINEAR_PLAIN -> plain.scoresMade(batch, scores().model());
      case SCORE_ROW_BARE -> ours("score-row-bare", part, topic, batch);
      case LATENCY_REALTIME -> ours("latency-realtime", part, topic, batch);
      case LATENCY_BATCHES -> ours("latency-batches", part, topic, batch);
      case LATENCY_PLAIN ->
          live.await(plain.scored(topic, order.sinkTopic(part), scores().model()));
    }
  }

  private Scores scores() {
    return new Scores(spark, order);
  }

  private Path folder(String part) {
    return Path.of(order.folder(), part);
  }

  private void ours(String job, String part, String topic, long batch) throws Exception {
    Map<String, String> variables =
        Map.of(
            "FOLDER", folder(part).toString(),
            "KAFKA", order.servers(),
            "TOPIC", topic,
            "BATCH", Long.toString(batch),
            "DB", order.url(),
            "DB_USER", order.user(),
            "PART", part,
            "SINK_TOPIC", order.sinkTopic(part),
            "MODELS", order.folder());
    boolean counted =
        switch (order.variant()) {
          case JDBC_UNCOUNTED, WINDOW_UNCOUNTED -> false;
          default -> true;
        };
    Launcher launcher = counted ? new Launcher(spark) : Uncounted.launcher(spark);
    switch (order.variant()) {
      case LATENCY_REALTIME -> Ours.run(live.noting(spark), job, variables, folder(part), live);
      case LATENCY_BATCHES -> Ours.run(launcher, job, variables, folder(part), live);
      default -> Ours.run(launcher, job, variables, folder(part));
    }
  }

  private String wrong() throws Exception {
    Events events = new Events(order.events());
    return switch (order.variant()) {
      case DECODE_OURS, DECODE_PLAIN, SCORE_ROW_BARE ->
          Checks.difference("nothing", events.filtered(), Nothing.take());
      case WINDOW_OURS, WINDOW_PLAIN, WINDOW_PLAIN_ROCKSDB, WINDOW_UNCOUNTED ->
          Checks.difference("nothing", events.windows(), Nothing.take());
      case JDBC_OURS,
          JDBC_PLAIN,
          JDBC_PLAIN_REWRITTEN,
          ONE_SINK,
          JDBC_UNCOUNTED,
          LEDGER_JDBC,
          LEDGERLESS_JDBC,
          LADDER_DRIVER,
          LADDER_RECORD,
          LADDER_PARTITION,
          LADDER_POOL ->
          Checks.difference("PostgreSQL", events.filtered(), Checks.database(order, "run"));
      case LEDGER_DELTA, LEDGERLESS_DELTA ->
          Checks.difference(
              "Delta",
              events.filtered(),
              Checks.rows(
                  spark.read().format("delta").load(folder("run").resolve("delta").toString())));
      case LEDGER_KAFKA, LEDGERLESS_KAFKA, LOOSE_KAFKA ->
          Checks.difference(
              "Kafka",
              events.filtered(),
              Checks.topic(spark, order.servers(), order.sinkTopic("run")));
      case SCORE_FOREST_OURS,
          SCORE_FOREST_PLAIN,
          SCORE_LINEAR_OURS,
          SCORE_LINEAR_PLAIN,
          MADE_FOREST_OURS,
          MADE_FOREST_PLAIN,
          MADE_LINEAR_OURS,
          MADE_LINEAR_PLAIN,
          SCORE_ROW_OURS,
          SCORE_ROW_PLAIN -> {
        Tally found = Nothing.take();
        yield Checks.difference("nothing", scores().expected(), found);
      }
      case LATENCY_REALTIME, LATENCY_BATCHES, LATENCY_PLAIN ->
          Checks.difference("Kafka", scores().expected(), scores().told(order.sinkTopic("run")));
      case FOUR_SINKS -> {
        Tally expected = events.filtered();
        String delta = folder("run").resolve("delta").toString();
        String files = folder("run").resolve("files").toString();
        yield Checks.difference("PostgreSQL", expected, Checks.database(order, "run"))
            + Checks.difference(
                "Kafka", expected, Checks.topic(spark, order.servers(), order.sinkTopic("run")))
            + Checks.difference(
                "Delta", expected, Checks.rows(spark.read().format("delta").load(delta)))
            + Checks.difference("files", expected, Checks.rows(spark.read().parquet(files)));
      }
    };
  }
}
