package io.millrace.engine.run;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.base64;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.unix_micros;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a job that no drive has taken, read from where it writes them. Also while the
 * job runs.
 */
public final class DeadLetters {
  /** Letters that are set aside for a drive. */
  static final StructType ASIDE =
      Letters.SCHEMA.add("id", DataTypes.StringType).add("again", DataTypes.BooleanType);

  private final Dataset<Row> rows;

  private DeadLetters(Dataset<Row> rows) {
    this.rows = rows;
  }

  /**
   * Those of a job that fit a filter.
   *
   * @throws IllegalArgumentException with a sentence, if the job keeps none or keeps them where
   *     they cannot be read
   */
  public static DeadLetters of(SparkSession spark, Plan plan, Filter filter) {
    Plan.Output target =
        plan.deadLetters()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Cannot show dead letters: this job drops them. Name a target, such as"
                            + " dead-letters: {delta: {path: ...}}"));
    if (!(target.sink() instanceof Stored stored)) {
      throw new IllegalArgumentException(
          "Cannot show dead letters: they go where nothing can be read again. Write them to delta,"
              + " jdbc, kafka or files");
    }
    Dataset<Row> all =
        Sinks.named(target.name(), () -> stored.stored(spark, Letters.SCHEMA))
            .map(DeadLetters::whole)
            .orElseGet(() -> spark.createDataFrame(List.of(), Letters.SCHEMA));
    Dataset<Row> found = all.where(filter.of(plan.job())).withColumn("id", id());
    return new DeadLetters(
        new Drives(spark, plan)
            .taken()
            .map(taken -> found.join(taken, found.col("id").equalTo(taken.col("id")), "left_anti"))
            .orElse(found));
  }

  /** What was written before letters had all their columns lacks some. */
  private static Dataset<Row> whole(Dataset<Row> rows) {
    Dataset<Row> all = rows;
    for (StructField column : Letters.SCHEMA.fields()) {
      if (!Frames.has(all, column.name())) {
        all = all.withColumn(column.name(), lit(null).cast(column.dataType()));
      }
    }
    return all;
  }

  /** A letter has no name of its own: it is what it says. */
  private static Column id() {
    Column all =
        struct(
            col("query"),
            col("batch"),
            unix_micros(col("time")),
            col("source"),
            col("step"),
            col("rule"),
            col("coordinates"),
            base64(col("key")),
            base64(coalesce(col("raw"), col("row").cast("binary"))));
    return sha2(to_json(all).cast("binary"), 256);
  }

  /** The letters, each with its {@code id}. */
  Dataset<Row> rows() {
    return rows;
  }

  /** Which letters; whatever is empty lets all through. The times are those of the refusal. */
  public record Filter(
      Optional<String> source,
      Optional<String> step,
      Optional<String> rule,
      Optional<Instant> since,
      Optional<Instant> until) {
    public static final Filter ALL =
        new Filter(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    Column of(String job) {
      Column all = col("job").equalTo(job);
      all = source.map(name -> col("source").equalTo(name)).map(all::and).orElse(all);
      all = step.map(name -> col("step").equalTo(name)).map(all::and).orElse(all);
      all =
          rule.map(name -> array_contains(split(col("rule"), ", "), name))
              .map(all::and)
              .orElse(all);
      all = since.map(time -> col("time").geq(lit(time))).map(all::and).orElse(all);
      return until.map(time -> col("time").lt(lit(time))).map(all::and).orElse(all);
    }
  }

  /**
   * Letters that one rule of one step refused.
   *
   * @param example the reason of one of them
   */
  public record Group(
      String source,
      String step,
      String rule,
      long letters,
      Instant first,
      Instant last,
      String example) {}

  /** How many there are, by where they were refused; most first. */
  public List<Group> groups() {
    return rows
        .groupBy("source", "step", "rule")
        .agg(
            count(lit(1)).as("letters"),
            min("time").as("first"),
            max("time").as("last"),
            min("reason").as("example"))
        .orderBy(col("letters").desc(), col("source"), col("step"), col("rule"))
        .collectAsList()
        .stream()
        .map(
            row ->
                new Group(
                    text(row, "source"),
                    text(row, "step"),
                    text(row, "rule"),
                    row.getLong(row.fieldIndex("letters")),
                    time(row, "first"),
                    time(row, "last"),
                    text(row, "example")))
        .toList();
  }

  /**
   * One letter.
   *
   * @param coordinates of the row in its source, as JSON; empty where there are none, or the row is
   *     not of one record alone
   * @param key of the record; null where it has none, or is not known
   * @param raw the bytes that were read; null where the source keeps none, or they are not known
   * @param attempt the try of a task that had the row; empty where that is not known
   * @param row what a sink refused, as JSON; empty where no sink did
   */
  // The bytes are shown, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  public record Letter(
      String query,
      long batch,
      Instant time,
      String source,
      String step,
      String rule,
      String reason,
      String coordinates,
      byte @Nullable [] key,
      byte @Nullable [] raw,
      String attempt,
      String row) {}

  /** The newest letters, newest first. */
  public List<Letter> newest(int most) {
    return rows
        .orderBy(col("time").desc(), col("batch").desc())
        .limit(most)
        .collectAsList()
        .stream()
        .map(
            row ->
                new Letter(
                    text(row, "query"),
                    row.getLong(row.fieldIndex("batch")),
                    time(row, "time"),
                    text(row, "source"),
                    text(row, "step"),
                    text(row, "rule"),
                    text(row, "reason"),
                    text(row, "coordinates"),
                    row.getAs("key"),
                    row.getAs("raw"),
                    text(row, "attempt"),
                    text(row, "row")))
        .toList();
  }

  private static String text(Row row, String column) {
    String text = row.getAs(column);
    return text == null ? "" : text;
  }

  private static Instant time(Row row, String column) {
    return row.getTimestamp(row.fieldIndex(column)).toInstant();
  }
}
