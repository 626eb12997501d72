package io.millrace.sinks.files;

import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.FencedSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
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
 * Adds files to a folder. A manifest is added for each batch, and with it the batch is there: for
 * readers that go by manifests at once, for all others file by file. No attempt that failed or was
 * replaced becomes visible to either.
 */
public record FilesSink(Settings settings) implements FencedSink, Stored {

  /** A format of files. */
  public enum Format {
    JSON,
    CSV,
    PARQUET,
    TEXT,
    AVRO,
    ORC,
    /** Hadoop's: of two columns the first one is the key. */
    SEQUENCE,
    /** Values of one column as Java serialises them, in sequence files. */
    OBJECT;

    /** What Spark knows it by. */
    String word() {
      return hadoop() ? "io.millrace.sinks.files.SequenceFormat" : name().toLowerCase(Locale.ROOT);
    }

    boolean hadoop() {
      return this == SEQUENCE || this == OBJECT;
    }
  }

  /** What a job says about the folder. */
  public record Settings(
      @Doc("The folder. Created if it is not there.") String path,
      @Doc(
              "The format of the files: text is one column; sequence, of Hadoop, a value or a key"
                  + " and a value; object one column as Java serialises it, for"
                  + " sparkContext.objectFile.")
          Format format,
      @Doc("Columns whose values name folders below it.") List<String> partitionBy,
      @Doc("Options of the format, such as header or compression.") Map<String, String> options) {
    public Settings {
      if (path.isBlank()) {
        throw new IllegalArgumentException("Missing path. Name the folder that gets the files");
      }
      if (options.keySet().stream().anyMatch(name -> name.equalsIgnoreCase("path"))) {
        throw new IllegalArgumentException("Cannot set the option path. Use the setting path");
      }
      if (format.hadoop() && !options.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot take options for %s files, which have none. Leave out options"
                .formatted(format.name().toLowerCase(Locale.ROOT)));
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
    return stated();
  }

  /** Without a scheme, the path is taken for one of this machine; {@link #start} looks. */
  private Guarantee stated() {
    String scheme = new Path(settings.path()).toUri().getScheme();
    return scheme == null || CreateOnce.sure(scheme)
        ? Guarantee.EXACTLY_ONCE
        : Guarantee.ONCE_PER_KEY;
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
  public void check(SparkSession spark, Writing how, StructType rows) {
    FileTypes.check(settings, rows);
  }

  /**
   * Keeps earlier starts from writing.
   *
   * @throws IllegalArgumentException if the folder turns out to be where less holds than was stated
   */
  @Override
  public BatchFence start(SparkSession spark, Identity who, Writing how) {
    ManifestLog log = ManifestLog.of(spark, settings.path(), who);
    if (stated() == Guarantee.EXACTLY_ONCE && !CreateOnce.sure(log.system().getUri().getScheme())) {
      throw new IllegalArgumentException(
          "Cannot write to %s exactly once: there, two starts can create one file. Name it so in path, for which once per key is promised"
              .formatted(log.folder()));
    }
    return new FilesFence(settings, log);
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    return ManifestLog.of(spark, settings.path(), who).tip().map(ManifestLog.Tip::held);
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    FilesFence.adopt(settings, ManifestLog.of(spark, settings.path(), who), batch);
  }
}
