package io.millrace.engine.source;

import io.delta.tables.DeltaTable;
import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Versioned;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A Delta table: its rows and then what is appended, or the table as it is. */
public record DeltaSource(Settings settings, Optional<StructType> fields)
    implements Source, Versioned {
  /** What it takes. */
  public record Settings(
      @Doc("The folder of the table.") Optional<String> path,
      @Doc("In place of path: the name of a table of the catalog.") Optional<String> table,
      @Doc("The version that a stream starts with, that one included.") Optional<Long> startVersion,
      @Doc("The time that a stream starts with, for example 2026-01-01 00:00:00.")
          Optional<String> startTimestamp,
      @Doc("The version that a table is read as of.") Optional<Long> version,
      @Doc("The time that a table is read as of.") Optional<String> timestamp,
      @Doc("The most files in one batch.") Optional<Integer> maxFilesPerBatch,
      @Doc("About how many bytes one batch reads at most.") Optional<Size> maxBytesPerBatch,
      @Doc("Whether a stream goes on over commits that only delete.") @Default("false")
          boolean ignoreDeletes,
      @Doc("Whether a stream skips commits that change rows.") @Default("false")
          boolean skipChanges,
      @Doc(
              "The columns that are read, as in create table, so that they are known before the"
                  + " table is opened, and for tests. All if left out.")
          Optional<String> schema) {
    public Settings {
      if (path.isPresent() == table.isPresent()) {
        throw new IllegalArgumentException(
            path.isPresent()
                ? "Cannot take both path and table. Use one of them"
                : "Missing path. Name the table's folder with path, or the table with table");
      }
      requireOne("start-version", startVersion, "start-timestamp", startTimestamp);
      requireOne("version", version, "timestamp", timestamp);
    }

    private static void requireOne(
        String first, Optional<?> one, String second, Optional<?> other) {
      if (one.isPresent() && other.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot take both " + first + " and " + second + ". Use one of them");
      }
    }
  }

  public DeltaSource(Settings settings) {
    this(settings, settings.schema().map(text -> Ddl.parse("schema", text).asNullable()));
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    Map<String, String> options = new LinkedHashMap<>();
    settings.startVersion().ifPresent(each -> options.put("startingVersion", each.toString()));
    settings.startTimestamp().ifPresent(each -> options.put("startingTimestamp", each));
    settings.maxFilesPerBatch().ifPresent(most -> options.put("maxFilesPerTrigger", "" + most));
    settings
        .maxBytesPerBatch()
        .ifPresent(most -> options.put("maxBytesPerTrigger", most.bytes() + "b"));
    options.put("ignoreDeletes", String.valueOf(settings.ignoreDeletes()));
    options.put("skipChangeCommits", String.valueOf(settings.skipChanges()));
    requireTable(spark);
    var reader = spark.readStream().format("delta").options(options);
    return declared(
        settings
            .path()
            .map(reader::load)
            .orElseGet(() -> reader.table(settings.table().orElseThrow())));
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    Map<String, String> options = new LinkedHashMap<>();
    settings.version().ifPresent(each -> options.put("versionAsOf", each.toString()));
    settings.timestamp().ifPresent(each -> options.put("timestampAsOf", each));
    return read(spark, options);
  }

  private Dataset<Row> read(SparkSession spark, Map<String, String> options) {
    requireTable(spark);
    var reader = spark.read().format("delta").options(options);
    return declared(
        settings
            .path()
            .map(reader::load)
            .orElseGet(() -> reader.table(settings.table().orElseThrow())));
  }

  /** The columns that the settings name; all where they name none. */
  private Dataset<Row> declared(Dataset<Row> rows) {
    if (fields.isEmpty()) {
      return rows;
    }
    List<Column> columns = new ArrayList<>();
    for (StructField field : fields.get().fields()) {
      Optional<DataType> found =
          Arrays.stream(rows.schema().fields())
              .filter(own -> own.name().equals(field.name()))
              .map(StructField::dataType)
              .findFirst();
      if (!found.equals(Optional.of(field.dataType()))) {
        throw new IllegalArgumentException(
            "Cannot read the column %s as %s: the Delta table has %s. Correct schema"
                .formatted(
                    field.name(),
                    field.dataType().sql(),
                    found.map(type -> "it as " + type.sql()).orElse("none of that name")));
      }
      columns.add(rows.col("`" + field.name().replace("`", "``") + "`"));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  /** The number, and whose: a table that is dropped and written anew begins to count again. */
  @Override
  public String version(SparkSession spark) {
    requireTable(spark);
    return DeltaVersions.now(spark, settings.path(), settings.table());
  }

  @Override
  public boolean keeps() {
    return true;
  }

  @Override
  public Dataset<Row> read(SparkSession spark, String version) {
    return read(spark, Map.of("versionAsOf", DeltaVersions.number(version, version(spark))));
  }

  @Override
  public boolean pinned() {
    return settings.version().isPresent() || settings.timestamp().isPresent();
  }

  /** Spark's own message speaks of a schema that is not set. */
  private void requireTable(SparkSession spark) {
    settings
        .path()
        .filter(folder -> !DeltaTable.isDeltaTable(spark, folder))
        .ifPresent(
            folder -> {
              throw new IllegalArgumentException(
                  "Cannot read the Delta table in "
                      + folder
                      + ": there is none in this folder. Correct path, or write the table first");
            });
  }

  @Override
  public Optional<StructType> schema() {
    return fields;
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
