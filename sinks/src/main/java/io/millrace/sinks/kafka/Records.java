package io.millrace.sinks.kafka;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The records of a topic as the rows that were written as JSON. */
final class Records {
  private Records() {}

  static Dataset<Row> of(SparkSession spark, KafkaSink.Settings settings, StructType columns) {
    if (settings.value().isPresent()) {
      throw new IllegalArgumentException(
          "Cannot read the rows of topic %s again: their value is one column, not JSON of all"
              .formatted(settings.topic()));
    }
    if (!(settings.encoding() instanceof Encoding.Json)) {
      throw new IllegalArgumentException(
          "Cannot read the rows of topic %s again: their value is not JSON. Leave out encode where they are to be read again"
              .formatted(settings.topic()));
    }
    Map<String, String> options = new LinkedHashMap<>();
    settings.client().asking().forEach((name, value) -> options.put("kafka." + name, "" + value));
    return spark
        .read()
        .format("kafka")
        .options(options)
        .option("subscribe", settings.topic())
        .load()
        .select(from_json(col("value").cast("string"), columns).as("row"))
        .select("row.*");
  }
}
