package io.millrace.engine.source;

import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Versioned;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows that a test adds through {@link MemoryRows} in the same JVM. */
public record MemorySource(Settings settings, StructType columns) implements Source, Versioned {
  /** What it takes. */
  public record Settings(
      @Doc("The name under which a test adds rows.") String name,
      @Doc("The columns as in create table.") String schema) {}

  public MemorySource(Settings settings) {
    this(settings, Ddl.parse("schema", settings.schema()));
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return MemoryRows.named(settings.name()).stream(spark, columns);
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return spark.createDataFrame(MemoryRows.named(settings.name()).all(), columns);
  }

  /** How often rows were added. */
  @Override
  public String version(SparkSession spark) {
    return Integer.toString(MemoryRows.named(settings.name()).additions());
  }

  @Override
  public boolean keeps() {
    return true;
  }

  @Override
  public Dataset<Row> read(SparkSession spark, String version) {
    return spark.createDataFrame(
        MemoryRows.named(settings.name()).first(Integer.parseInt(version)), columns);
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(columns);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
