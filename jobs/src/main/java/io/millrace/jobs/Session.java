package io.millrace.jobs;

import io.millrace.engine.run.SparkDefaults;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a command: what was submitted, then the job's settings, then ours. */
final class Session implements AutoCloseable {
  private final SparkSession spark;

  private Session(SparkSession spark) {
    this.spark = spark;
  }

  SparkSession spark() {
    return spark;
  }

  @Override
  public void close() {
    spark.stop();
  }

  static Session start(String name, Map<String, String> job) {
    SparkConf submitted = new SparkConf();
    SparkSession.Builder builder = SparkSession.builder().appName(name);
    if (!submitted.contains("spark.master")) {
      builder.master("local[*]");
    }
    fixed().forEach((key, value) -> offer(builder, submitted, key, value));
    job.forEach(builder::config);
    SparkSession spark = builder.getOrCreate();
    SparkDefaults.apply(spark);
    return new Session(spark);
  }

  /** What cannot be set any more once a session runs. */
  private static Map<String, String> fixed() {
    return Map.of(
        "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.ui.enabled", "false",
        "spark.ui.showConsoleProgress", "false");
  }

  private static void offer(
      SparkSession.Builder builder, SparkConf submitted, String key, String value) {
    if (!submitted.contains(key)) {
      builder.config(key, value);
    }
  }
}
