package io.millrace.engine.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.delta.tables.DeltaTable;
import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.TextFault;
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
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A Delta table: its rows and then what is appended, or the table as it is.
 *
 * <p>With {@code changes} it is what its change data feed records: the rows that are there at
 * first, as inserts, or from a version on, then what is inserted, updated and deleted. Behind the
 * columns of the table come {@code operation} (insert, update or delete; an updated row is as it is
 * afterwards), {@code sequence}, which grows from version to version and with which a delete comes
 * before what the same version inserts, and {@code changed_at}, the time of the version.
 */
public record DeltaSource(Settings settings, Optional<StructType> fields)
    implements Source, Versioned {
  private static final StructType TOLD =
      new StructType()
          .add("operation", DataTypes.StringType)
          .add("sequence", DataTypes.LongType)
          .add("changed_at", DataTypes.TimestampType);

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
              "Read what is inserted, updated and deleted, as the table's change data feed records"
                  + " it (delta.enableChangeDataFeed), with the columns operation, sequence and"
                  + " changed_at. A table that is read as a whole is one of inserts.")
          @Default("false")
          boolean changes,
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
      if (changes && (ignoreDeletes || skipChanges)) {
        throw new IllegalArgumentException(
            "Cannot read changes and leave some out. Leave out "
                + (ignoreDeletes ? "ignore-deletes" : "skip-changes"));
      }
      if (changes && (version.isPresent() || timestamp.isPresent())) {
        throw new IllegalArgumentException(
            "Cannot read the changes of a table as of one %s. Leave it out, or write start-%s"
                .formatted(
                    version.isPresent() ? "version" : "timestamp",
                    version.isPresent() ? "version" : "timestamp"));
      }
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
    this(settings, settings.schema().map(text -> columns(settings, text)));
  }

  private static StructType columns(Settings settings, String text) {
    StructType columns = Ddl.parse("schema", text).asNullable();
    if (!settings.changes()) {
      return columns;
    }
    StructType all = columns;
    for (StructField field : TOLD.fields()) {
      if (Arrays.stream(columns.fieldNames()).anyMatch(field.name()::equalsIgnoreCase)) {
        throw new TextFault(
            "schema",
            1,
            1,
            "Cannot read a column "
                + field.name()
                + ": a change has one of that name. Leave it out");
      }
      all = all.add(field);
    }
    return all;
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
    requireTable(spark);
    if (settings.changes()) {
      requireFeed(spark);
      options.put("readChangeFeed", "true");
    } else {
      options.put("ignoreDeletes", String.valueOf(settings.ignoreDeletes()));
      options.put("skipChangeCommits", String.valueOf(settings.skipChanges()));
    }
    var reader = spark.readStream().format("delta").options(options);
    Dataset<Row> rows =
        settings
            .path()
            .map(reader::load)
            .orElseGet(() -> reader.table(settings.table().orElseThrow()));
    return declared(settings.changes() ? told(rows) : rows);
  }

  /** Changes as they are recorded, without how updated rows were before. */
  private static Dataset<Row> told(Dataset<Row> recorded) {
    Column type = col("_change_type");
    List<Column> columns = new ArrayList<>();
    for (String name : recorded.columns()) {
      if (!List.of("_change_type", "_commit_version", "_commit_timestamp").contains(name)) {
        columns.add(own(recorded, name));
      }
    }
    columns.add(when(type.equalTo("update_postimage"), "update").otherwise(type).as("operation"));
    columns.add(sequence(col("_commit_version"), type.notEqual("delete")));
    columns.add(col("_commit_timestamp").as("changed_at"));
    return recorded.where(type.notEqual("update_preimage")).select(columns.toArray(Column[]::new));
  }

  private static Column sequence(Column version, Column stays) {
    return version.multiply(2).plus(when(stays, 1).otherwise(0)).cast("bigint").as("sequence");
  }

  private static Column own(Dataset<Row> rows, String name) {
    return rows.col("`" + name.replace("`", "``") + "`");
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    Map<String, String> options = new LinkedHashMap<>();
    settings.version().ifPresent(each -> options.put("versionAsOf", each.toString()));
    settings.timestamp().ifPresent(each -> options.put("timestampAsOf", each));
    requireTable(spark);
    return settings.changes()
        ? inserts(spark, DeltaVersions.moment(spark, settings.path(), settings.table()))
        : declared(read(spark, options));
  }

  /** The rows of a version as inserts, which is how a stream begins. */
  private Dataset<Row> inserts(SparkSession spark, DeltaVersions.Moment moment) {
    Dataset<Row> rows = read(spark, Map.of("versionAsOf", Long.toString(moment.version())));
    List<Column> columns = new ArrayList<>();
    for (String name : rows.columns()) {
      columns.add(own(rows, name));
    }
    columns.add(lit("insert").as("operation"));
    columns.add(sequence(lit(moment.version()), lit(true)));
    columns.add(lit(moment.time()).as("changed_at"));
    return declared(rows.select(columns.toArray(Column[]::new)));
  }

  private Dataset<Row> read(SparkSession spark, Map<String, String> options) {
    var reader = spark.read().format("delta").options(options);
    return settings
        .path()
        .map(reader::load)
        .orElseGet(() -> reader.table(settings.table().orElseThrow()));
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
      columns.add(own(rows, field.name()));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  /** The number, and whose: a table that is dropped and written anew begins to count again. */
  @Override
  public String version(SparkSession spark) {
    requireTable(spark);
    if (settings.version().isPresent()) {
      long number = settings.version().get();
      return DeltaVersions.of(spark, settings.path(), settings.table(), number);
    }
    return settings
        .timestamp()
        .map(time -> DeltaVersions.at(spark, settings.path(), settings.table(), time))
        .orElseGet(() -> DeltaVersions.now(spark, settings.path(), settings.table()));
  }

  @Override
  public boolean keeps() {
    return true;
  }

  @Override
  public Dataset<Row> read(SparkSession spark, String version) {
    requireTable(spark);
    String now = DeltaVersions.now(spark, settings.path(), settings.table());
    String number = DeltaVersions.number(version, now);
    return settings.changes()
        ? inserts(spark, DeltaVersions.moment(spark, settings.path(), settings.table(), number))
        : declared(read(spark, Map.of("versionAsOf", number)));
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

  private void requireFeed(SparkSession spark) {
    if (!DeltaVersions.feeds(spark, settings.path(), settings.table())) {
      String name =
          settings.path().map(folder -> "delta.`" + folder + "`").or(settings::table).orElseThrow();
      throw new IllegalArgumentException(
          "Cannot read the changes of the Delta table %s: it does not record them. Run alter table %s set tblproperties (delta.enableChangeDataFeed = true)"
              .formatted(settings.path().or(settings::table).orElseThrow(), name));
    }
  }

  @Override
  public Optional<StructType> schema() {
    return fields;
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
