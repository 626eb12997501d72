package io.millrace.engine.testing;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A folder of text files, each line a payload; a test adds lines while the job runs. */
public record LineFolder(String folder) implements Source {

  /** A file more, with these lines, seen by the next batch. */
  public void add(String... lines) {
    Path file = Path.of(folder, UUID.randomUUID() + ".txt");
    try {
      Path draft = Files.createTempFile(Path.of(folder).getParent(), "lines", ".txt");
      Files.write(draft, List.of(lines));
      Files.move(draft, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return columns(spark.readStream().text(folder));
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return columns(spark.read().text(folder));
  }

  private static Dataset<Row> columns(Dataset<Row> lines) {
    return lines.select(
        col(Columns.VALUE), struct(col("_metadata.file_path").as("file")).as(Columns.SOURCE));
  }

  @Override
  public Optional<StructType> schema() {
    StructType source = new StructType().add("file", DataTypes.StringType);
    return Optional.of(
        new StructType().add(Columns.VALUE, DataTypes.StringType).add(Columns.SOURCE, source));
  }
}
