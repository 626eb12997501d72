package io.millrace.engine.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Feed;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Versioned;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** New files of a folder, each read once; their rows know the file. */
public record FilesSource(Settings settings, Optional<StructType> fields)
    implements Source, Versioned {
  /** What the files hold. */
  public enum Format {
    JSON,
    CSV,
    PARQUET,
    TEXT,
    AVRO,
    ORC
  }

  /** What happens to a file that was read. */
  public enum After {
    KEEP,
    ARCHIVE,
    DELETE
  }

  /** What it takes. */
  public record Settings(
      @Doc("The folder, or a pattern of folders such as /data/*/in.") String path,
      @Doc("What the files hold.") Format format,
      @Doc("The columns as in create table: needed for json and csv.") Optional<String> schema,
      @Doc("Of csv: whether the first line of a file holds names.") @Default("false")
          boolean header,
      @Doc("Of csv: what stands between two values.") @Default(",") String delimiter,
      @Doc("The most files in one batch.") Optional<Integer> maxFilesPerBatch,
      @Doc("About how many bytes one batch reads at most.") Optional<Size> maxBytesPerBatch,
      @Doc("Whether the newest files come first.") @Default("false") boolean latestFirst,
      @Doc("What happens to a file that was read.") @Default("keep") After after,
      @Doc("The folder that files move to, with after: archive.") Optional<String> archiveTo,
      @Doc("A pattern that names of files match, such as *.json.") Optional<String> glob,
      @Doc("Whether files of folders below are read as well.") @Default("false") boolean recursive,
      @Doc(
              "For tables that are read once, such as those of lookup: the job and the name of the"
                  + " files sink that writes the folder, such as orders/archive. Only its files are"
                  + " read, and only those of whole batches.")
          Optional<String> manifest) {
    public Settings {
      boolean lines = format == Format.JSON || format == Format.CSV;
      if (lines && schema.isEmpty()) {
        throw new IllegalArgumentException(
            "Missing schema for "
                + format.name().toLowerCase(Locale.ROOT)
                + ". Name the columns, for example schema: id bigint not null, name string");
      }
      if (format == Format.TEXT && schema.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot take a schema for text. Its one column is value; leave the schema out");
      }
      if (maxFilesPerBatch.isPresent() && maxBytesPerBatch.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot take both max-files-per-batch and max-bytes-per-batch. Use one of them");
      }
      if ((after == After.ARCHIVE) != archiveTo.isPresent()) {
        throw new IllegalArgumentException(
            "Needs after: archive and archive-to together. Name the folder with archive-to");
      }
      manifest.ifPresent(sink -> checkManifest(sink, glob, recursive));
    }

    /** Whether the path names several folders. */
    private boolean pattern() {
      return path.matches(".*[*?\\[{].*");
    }

    private void checkDStream() {
      Map<String, Boolean> given = new LinkedHashMap<>();
      given.put("max-bytes-per-batch", maxBytesPerBatch.isPresent());
      given.put("latest-first", latestFirst);
      given.put("after", after != After.KEEP);
      given.put("manifest", manifest.isPresent());
      for (Map.Entry<String, Boolean> setting : given.entrySet()) {
        if (setting.getValue()) {
          throw new IllegalArgumentException(
              "Cannot use "
                  + setting.getKey()
                  + " with engine: dstream. Leave it out, or leave engine out; max-files-per-batch"
                  + " works with both");
        }
      }
      if (schema.isEmpty() && format != Format.TEXT) {
        throw new IllegalArgumentException(
            "Missing schema, which engine: dstream needs for "
                + word(format)
                + ". Name the columns, for example schema: id bigint not null, name string");
      }
    }

    boolean lines() {
      return format == Format.JSON || format == Format.CSV;
    }
  }

  private static void checkManifest(String sink, Optional<String> glob, boolean recursive) {
    if (!sink.matches("[^/]+/[^/]+")) {
      throw new IllegalArgumentException(
          "Expected a job and a sink for manifest, such as orders/archive, found " + sink);
    }
    if (glob.isPresent() || recursive) {
      throw new IllegalArgumentException(
          "Cannot take manifest with glob or recursive: it names the files. Leave them out");
    }
  }

  public FilesSource(Settings settings) {
    this(settings, settings.schema().map(text -> Ddl.parse("schema", text)));
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    if (settings.manifest().isPresent()) {
      throw new IllegalArgumentException(
          "Cannot stream by a manifest: this is not supported yet. Leave manifest out: a stream"
              + " takes each file once");
    }
    Map<String, String> options = options();
    settings
        .maxFilesPerBatch()
        .ifPresent(most -> options.put("maxFilesPerTrigger", most.toString()));
    settings
        .maxBytesPerBatch()
        .ifPresent(most -> options.put("maxBytesPerTrigger", String.valueOf(most.bytes())));
    options.put("latestFirst", String.valueOf(settings.latestFirst()));
    options.put("cleanSource", settings.after() == After.KEEP ? "off" : word(settings.after()));
    settings.archiveTo().ifPresent(folder -> options.put("sourceArchiveDir", folder));
    StructType schema = read().orElseGet(() -> known(spark));
    return columns(
        spark
            .readStream()
            .format(word(settings.format()))
            .schema(schema)
            .options(options)
            .load(settings.path()));
  }

  private StructType known(SparkSession spark) {
    if (settings.format() == Format.TEXT) {
      return new StructType().add(Columns.VALUE, DataTypes.StringType);
    }
    return spark
        .read()
        .format(word(settings.format()))
        .options(options())
        .load(settings.path())
        .schema();
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    var reader = spark.read().format(word(settings.format())).options(options());
    read().ifPresent(reader::schema);
    if (settings.manifest().isEmpty()) {
      return columns(reader.load(settings.path()));
    }
    return read(spark, Manifests.files(spark, settings.path(), settings.manifest().get()));
  }

  /** The rows of some of its files. */
  Dataset<Row> read(SparkSession spark, List<String> files) {
    var reader = spark.read().format(word(settings.format())).options(options());
    read().ifPresent(reader::schema);
    if (files.isEmpty()) {
      return columns(reader.option("pathGlobFilter", "-").load(settings.path()));
    }
    if (!settings.pattern()) {
      reader.option("basePath", settings.path());
    }
    return columns(
        reader
            .option("recursiveFileLookup", "false")
            .option("__globPaths__", "false")
            .load(files.toArray(String[]::new)));
  }

  @Override
  public Optional<Feed> feed() {
    settings.checkDStream();
    return Optional.of(new FolderFeed(this));
  }

  /** A digest of the files that are there: their names, lengths and times. */
  @Override
  public String version(SparkSession spark) {
    return settings
        .manifest()
        .map(sink -> Listing.digest(Manifests.files(spark, settings.path(), sink)))
        .orElseGet(() -> Listing.digest(Listing.of(spark, settings.path(), options())));
  }

  @Override
  public boolean keeps() {
    return false;
  }

  @Override
  public Dataset<Row> read(SparkSession spark, String version) {
    return read(spark);
  }

  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    settings.glob().ifPresent(glob -> options.put("pathGlobFilter", glob));
    options.put("recursiveFileLookup", String.valueOf(settings.recursive()));
    if (settings.lines()) {
      options.put("mode", "PERMISSIVE");
      options.put("columnNameOfCorruptRecord", Columns.RAW);
    }
    if (settings.format() == Format.CSV) {
      options.put("header", String.valueOf(settings.header()));
      options.put("delimiter", settings.delimiter());
    }
    return options;
  }

  private Optional<StructType> read() {
    return fields.map(
        known -> settings.lines() ? known.add(Columns.RAW, DataTypes.StringType) : known);
  }

  private Dataset<Row> columns(Dataset<Row> rows) {
    List<Column> columns = new ArrayList<>();
    for (String name : rows.schema().fieldNames()) {
      if (!name.equals(Columns.RAW)) {
        columns.add(col("`" + name.replace("`", "``") + "`"));
      }
    }
    Column raw = raw(columns);
    columns.add(
        struct(
                col("_metadata.file_path").as("file"),
                col("_metadata.file_modification_time").as("timestamp"))
            .as(Columns.SOURCE));
    if (settings.lines()) {
      columns.add(raw.cast("binary").as(Columns.RAW));
      columns.add(dead(raw).as(Columns.DEAD));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  private static Column raw(List<Column> fields) {
    List<Column> all = new ArrayList<>();
    all.add(col(Columns.RAW));
    all.addAll(fields);
    return Beside.of(all);
  }

  /** The engine knows the names of source and step. */
  private Column dead(Column raw) {
    Column none = lit(null).cast("string");
    Column reason =
        concat(
            lit("Expected " + settings.format() + " of the schema, found "),
            substring(raw, 1, 100));
    return when(
        raw.isNotNull(),
        struct(none.as("source"), none.as("step"), lit("decode").as("rule"), reason.as("reason")));
  }

  @Override
  public Optional<StructType> schema() {
    Optional<StructType> known =
        settings.format() == Format.TEXT
            ? Optional.of(new StructType().add(Columns.VALUE, DataTypes.StringType))
            : fields;
    return known.map(
        columns ->
            columns.add(
                Columns.SOURCE,
                new StructType()
                    .add("file", DataTypes.StringType, false)
                    .add("timestamp", DataTypes.TimestampType, false),
                false));
  }

  @Override
  public boolean decodes() {
    return settings.lines();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
