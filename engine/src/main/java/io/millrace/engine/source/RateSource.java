package io.millrace.engine.source;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Source;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows that count up at a steady rate: {@code timestamp, value}. For trying things out. */
public record RateSource(Settings settings) implements Source {
  /** What it takes. */
  public record Settings(
      @Doc("How many rows a second.") @Default("1") long rowsPerSecond,
      @Doc("How many tasks make them.") @Default("1") int partitions) {
    public Settings {
      if (rowsPerSecond < 1 || partitions < 1) {
        throw new IllegalArgumentException(
            "Expected 1 or more for rows-per-second and partitions, found "
                + rowsPerSecond
                + " and "
                + partitions);
      }
    }
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return spark
        .readStream()
        .format("rate")
        .option("rowsPerSecond", settings.rowsPerSecond())
        .option("numPartitions", settings.partitions())
        .load();
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    throw new UnsupportedOperationException(
        "Cannot read rate as a table: it has no end. Run it as a stream, or use files");
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(
        new StructType()
            .add("timestamp", DataTypes.TimestampType)
            .add("value", DataTypes.LongType));
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
