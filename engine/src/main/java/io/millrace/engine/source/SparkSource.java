package io.millrace.engine.source;

import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Source;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Whatever Spark can read by the name of a format, with that format's own options. */
public record SparkSource(Settings settings, Optional<StructType> schema) implements Source {
  /** What it takes. */
  public record Settings(
      @Doc("The name of the format, or the class behind it.") String format,
      @Doc("The options of the format.") Map<String, String> options,
      @Doc("What to load, where the format has a path.") Optional<String> path,
      @Doc("The columns as in create table, where the format needs them.")
          Optional<String> schema) {
    public Settings {
      if (format.isBlank()) {
        throw new IllegalArgumentException("Missing format. Name one that Spark knows");
      }
    }
  }

  public SparkSource(Settings settings) {
    this(settings, settings.schema().map(text -> Ddl.parse("schema", text)));
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    var reader = spark.readStream().format(settings.format()).options(settings.options());
    schema.ifPresent(reader::schema);
    return settings.path().map(reader::load).orElseGet(reader::load);
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    var reader = spark.read().format(settings.format()).options(settings.options());
    schema.ifPresent(reader::schema);
    return settings.path().map(path -> reader.load(path)).orElseGet(() -> reader.load());
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
