package io.millrace.engine.run;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Redrive;
import io.millrace.engine.spi.Failpoint;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructType;

/**
 * Drives dead letters again through the job as it is now, each to the sinks that lack its row. The
 * letters of a drive are set aside before it starts; a start that was killed is gone on with, and
 * sinks remember what they have of a drive as they do of a stream. Also while the job runs.
 */
public final class Drives {
  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final SparkSession spark;
  private final Plan plan;
  private final DriveBook book;

  public Drives(SparkSession spark, Plan plan) {
    this.spark = spark;
    this.plan = plan;
    this.book = DriveBook.of(spark, plan);
  }

  /** The drive that has begun and not ended, if there is one. It is to be gone on with first. */
  public Optional<Drive> underWay() {
    return book.underWay();
  }

  /**
   * What a drive would be.
   *
   * @param filter which letters
   * @param only sinks, if not all are meant; letters that none of these lack are left where they
   *     are
   * @throws IllegalArgumentException with a sentence for each group of letters that cannot be
   *     driven
   */
  public Drive look(DeadLetters.Filter filter, Set<String> only) {
    return look(DeadLetters.of(spark, plan, filter), only);
  }

  private Drive look(DeadLetters letters, Set<String> only) {
    DriveSinks sinks = new DriveSinks(plan, only);
    List<Drive.Group> groups = new ArrayList<>();
    Set<String> refusals = new LinkedHashSet<>();
    Dataset<Row> counts =
        letters
            .rows()
            .groupBy(col("source"), col("step"), again().as("again"))
            .agg(
                count(lit(1)).as("letters"),
                count(when(col("raw").isNotNull().or(col("row").isNotNull()), 1)).as("kept"))
            .orderBy("source", "step", "again");
    for (Row row : counts.collectAsList()) {
      String source = row.isNullAt(0) ? "" : row.getString(0);
      String step = row.isNullAt(1) ? "" : row.getString(1);
      boolean again = row.getBoolean(2) && DriveSinks.sink(plan, step);
      long kept = row.getLong(4);
      try {
        List<String> lacking = sinks.lacking(source, step);
        if (!lacking.isEmpty()) {
          if (kept < row.getLong(3)) {
            throw new IllegalArgumentException(
                "Cannot drive %d letters of step %s: the bytes that were read are not in them. Choose others with --step or --rule"
                    .formatted(row.getLong(3) - kept, step));
          }
          groups.add(new Drive.Group(source, step, lacking, kept, again));
        }
      } catch (IllegalArgumentException e) {
        refusals.add(String.valueOf(e.getMessage()));
      }
    }
    if (!refusals.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", refusals));
    }
    return new Drive(
        ID.format(Instant.now()) + "-" + UUID.randomUUID().toString().substring(0, 4),
        List.copyOf(groups));
  }

  /**
   * Sets the letters of a new drive aside, and begins it.
   *
   * @return empty if there are none
   * @throws IllegalArgumentException as {@link #look} does
   * @throws IllegalStateException if another drive began meanwhile
   */
  public Optional<Drive> begin(DeadLetters.Filter filter, Set<String> only) {
    List<String> before = book.ended();
    DeadLetters letters = DeadLetters.of(spark, plan, filter);
    Drive drive = look(letters, only);
    if (drive.groups().isEmpty()) {
      return Optional.empty();
    }
    List<Drive.Group> aside = new ArrayList<>();
    for (int group = 0; group < drive.groups().size(); group++) {
      aside.add(setAside(letters, drive, group));
    }
    Failpoint.DRIVE_ASIDE.reached(plan.job());
    Drive begun = new Drive(drive.id(), List.copyOf(aside));
    if (!book.begin(begun)) {
      book.own().forget(begun.id());
      throw another();
    }
    if (!book.ended().equals(before)) {
      book.forget(begun);
      throw another();
    }
    Failpoint.DRIVE_BEGUN.reached(plan.job());
    return Optional.of(begun);
  }

  /** Whether a letter is a row of a sink, with the bytes that it was read from. */
  private static Column again() {
    return col("row").isNotNull().and(col("raw").isNotNull());
  }

  private static IllegalStateException another() {
    return new IllegalStateException(
        "Another drive began meanwhile, and may have taken the same letters. Try again");
  }

  /**
   * Of letters that came more than once for one row, one is driven. That they are of one row can be
   * told where coordinates have an offset: a line of a file has only the name of the file.
   */
  private Drive.Group setAside(DeadLetters letters, Drive drive, int number) {
    Drive.Group group = drive.groups().get(number);
    String to = letters(book.own(), drive, number);
    letters
        .rows()
        .where(coalesce(col("source"), lit("")).equalTo(group.source()))
        .where(coalesce(col("step"), lit("")).equalTo(group.step()))
        .where(again().equalTo(group.again()))
        .withColumn(
            "again",
            get_json_object(col("coordinates"), "$.offset")
                .isNotNull()
                .and(row_number().over(Window.partitionBy("coordinates").orderBy("time")).gt(1)))
        .write()
        .parquet(to);
    long count = spark.read().schema(DeadLetters.ASIDE).parquet(to).count();
    return new Drive.Group(group.source(), group.step(), group.sinks(), count, group.again());
  }

  private static String letters(DriveFolder folder, Drive drive, int group) {
    return new Path(folder.letters(drive.id()), Integer.toString(group)).toString();
  }

  /**
   * The plans that a drive consists of, to be launched one after another.
   *
   * @throws IllegalStateException with a sentence, if its letters were set aside elsewhere
   */
  public List<Plan> plans(Drive drive) {
    DriveFolder folder = book.of(drive);
    List<Plan> plans = new ArrayList<>();
    for (int number = 0; number < drive.groups().size(); number++) {
      Drive.Group group = drive.groups().get(number);
      String letters = letters(folder, drive, number);
      Redrive redrive =
          new Redrive(
              plan, drive.ledger(plan.job(), number), folder.checkpoint(drive.id(), number));
      plans.add(
          DriveSinks.sink(plan, group.step()) && !readAgain(group)
              ? redrive.straight(written(group, letters), group.step())
              : redrive.through(input -> read(input, letters), Set.copyOf(group.sinks())));
    }
    return List.copyOf(plans);
  }

  /** By the job as it is now, where that can: else the rows go straight to their sink. */
  private boolean readAgain(Drive.Group group) {
    return group.again() && new DriveSinks(plan, Set.of()).readable(group.source(), group.step());
  }

  private Plan.Input read(Plan.Input input, String letters) {
    StructType columns =
        input.source().schema().orElseGet(() -> input.source().open(spark).schema());
    return new Plan.Input(
        input.name(),
        input.at(),
        new Redriven.AsRead(letters, columns, input.name()),
        input.decoder(),
        input.watermark(),
        Optional.empty());
  }

  private Plan.Input written(Drive.Group group, String letters) {
    Plan.Output output = plan.output(group.step());
    return new Plan.Input(
        group.source().isEmpty() ? output.from() : group.source(),
        output.at(),
        new Redriven.AsWritten(letters, columns(output.name())),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private StructType columns(String sink) {
    SparkSession own = spark.newSession();
    SparkDefaults.apply(own, plan.spark());
    Graph graph = new Graph(plan.inputs(), plan.stages());
    Plan.Query query =
        plan.queries().stream()
            .filter(each -> each.outputs().contains(sink))
            .findFirst()
            .orElseThrow();
    try (Changing changing = Changing.unnoted()) {
      Frames frames = new Frames(graph, own, new Reading.Stream(changing));
      return Trunk.of(plan, graph, query, frames).branches().stream()
          .filter(branch -> branch.output().name().equals(sink))
          .findFirst()
          .orElseThrow()
          .schema();
    }
  }

  /** Marks the letters of a drive as driven. */
  public void end(Drive drive) {
    book.end(drive, () -> Failpoint.DRIVE_ENDED.reached(plan.job()));
  }

  /** Takes a drive back: its letters are open again, also those that some sink has got by it. */
  public void giveUp(Drive drive) {
    book.forget(drive);
  }

  /** The ids of all letters that a drive has taken. */
  Optional<Dataset<Row>> taken() {
    return book.taken();
  }
}
