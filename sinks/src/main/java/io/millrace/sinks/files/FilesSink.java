package io.millrace.sinks.files;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Stored;
import io.millrace.engine.spi.Writing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Adds files to a folder. A batch that comes again, after a kill at any point, adds no row twice;
 * but its files become visible one after another, so a reader may see a part of a batch for a
 * moment. Hence once-per-key and not exactly-once. One job writes under one checkpoint: a second
 * driver on the same checkpoint is not kept out.
 */
public record FilesSink(Settings settings) implements BatchSink, Stored {

  /** A format of files. */
  public enum Format {
    JSON,
    CSV,
    PARQUET,
    TEXT,
    AVRO,
    ORC;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a job says about the folder. */
  public record Settings(
      @Doc("The folder. Created if it is not there.") String path,
      @Doc("The format of the files.") Format format,
      @Doc("Columns whose values name folders below it.") List<String> partitionBy,
      @Doc("Options of the format, such as header or compression.") Map<String, String> options) {
    public Settings {
      if (path.isBlank()) {
        throw new IllegalArgumentException("Missing path. Name the folder that gets the files");
      }
      if (options.keySet().stream().anyMatch(name -> name.equalsIgnoreCase("path"))) {
        throw new IllegalArgumentException("Cannot set the option path. Use the setting path");
      }
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    how.onlyAppends("in files: a file does not change. Use write: append, or a jdbc or delta sink");
    if (how.mode() != Mode.APPEND) {
      throw new IllegalArgumentException(
          "Cannot write mode "
              + how.mode().name().toLowerCase(Locale.ROOT)
              + " to files: a file does not change. Use mode: append, or a jdbc or delta sink");
    }
    return Guarantee.ONCE_PER_KEY;
  }

  @Override
  public Optional<Dataset<Row>> stored(SparkSession spark, StructType columns) {
    Path folder = new Path(settings.path());
    try {
      if (!folder.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(folder)) {
        return Optional.empty();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look at " + folder, e);
    }
    return Optional.of(
        spark
            .read()
            .format(settings.format().word())
            .options(settings.options())
            .schema(columns)
            .load(settings.path()));
  }

  @Override
  public void write(Batch batch) {
    FolderPublisher folder = FolderPublisher.of(settings, batch);
    if (folder.last() >= batch.id()) {
      return;
    }
    if (!folder.staged()) {
      folder.stage(batch.rows());
    }
    folder.publish();
  }
}
