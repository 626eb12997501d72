package com.example.plugin;

import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Source;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The numbers down to one, {@code n}, as a stream of one batch or as a table. */
public record Countdown(Settings settings) implements Source {
  public record Settings(@Doc("The first number.") long from) implements Serializable {}

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return spark
        .readStream()
        .format("rate-micro-batch")
        .option("rowsPerBatch", settings.from())
        .option("startTimestamp", System.currentTimeMillis() - 500)
        .option("advanceMillisPerBatch", 3_600_000)
        .load()
        .selectExpr("value + 1 as n")
        .where("n <= " + settings.from());
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return spark.range(1, settings.from() + 1).toDF("n");
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(new StructType().add("n", DataTypes.LongType, false));
  }
}
