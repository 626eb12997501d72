package io.millrace.tests.bench;

import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Source;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Events that are made where they are read, in one batch, so that neither a broker nor a decoder is
 * what is measured. Not those of {@link Events}, but alike.
 */
record Made(Settings settings) implements Source {
  /** What an event is, of its number in the column value. */
  private static final String[] EVENT = {
    "value as id",
    "concat('k', lpad(string(pmod(value * 7919, 100)), 3, '0')) as k",
    "timestamp_millis(1767225601000 + value) as t",
    "pmod(value * 104729 + shiftright(value, 7), 1000) as amount"
  };

  /** What it takes. */
  record Settings(@Doc("How many events there are.") long count) implements Serializable {}

  /** As a user's jar would add it. */
  static final class Adding implements Plugin {
    @Override
    public List<Kind<?, Source>> sources() {
      return List.of(
          new Kind<>("made", "Events made where they are read.", Settings.class, Made::new));
    }
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return stream(spark, settings.count());
  }

  static Dataset<Row> stream(SparkSession spark, long count) {
    return spark
        .readStream()
        .format("rate-micro-batch")
        .option("rowsPerBatch", count)
        .option("numPartitions", Events.PARTITIONS)
        .load()
        .selectExpr(EVENT);
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return all(spark, settings.count());
  }

  static Dataset<Row> all(SparkSession spark, long count) {
    return spark.range(count).toDF("value").selectExpr(EVENT);
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(StructType.fromDDL(Plain.SCHEMA));
  }
}
