package io.millrace.engine.run;

import io.millrace.engine.plan.Keepers;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Archive;
import io.millrace.engine.spi.Archived;
import io.millrace.engine.spi.Marks;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Which letters of a job were driven: kept with the dead letters, where their target can, so that
 * it is known whichever checkpoint folder the next one has; else beside the checkpoint.
 *
 * @param folders the first one is for new drives
 * @param marks tables that say which letters were driven, and which drive is under way
 */
record DriveBook(SparkSession spark, List<DriveFolder> folders, Optional<Marks> marks) {
  private static final String FOLDER = "_millrace_drives";

  static DriveBook of(SparkSession spark, Plan plan) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Optional<Archive> archive =
        Keepers.ofMarks(plan)
            .map(
                output ->
                    Sinks.named(
                        output.name(), () -> ((Archived) output.sink()).archive(() -> spark)));
    List<DriveFolder> folders = new ArrayList<>();
    archive
        .filter(Archive.Folder.class::isInstance)
        .ifPresent(
            folder ->
                folders.add(
                    new DriveFolder(
                        new Path(new Path(folder.place(), FOLDER), plan.job()), hadoop)));
    folders.add(new DriveFolder(new Path(plan.checkpoint(), "drives"), hadoop));
    return new DriveBook(
        spark,
        List.copyOf(folders),
        archive
            .filter(Archive.Tables.class::isInstance)
            .map(tables -> ((Archive.Tables) tables).marks(plan.job())));
  }

  /** The folder for new drives. */
  DriveFolder own() {
    return folders.get(0);
  }

  /** The drive that has begun and not ended. */
  Optional<Drive> underWay() {
    return folders.stream()
        .flatMap(folder -> folder.underWay().stream())
        .findFirst()
        .or(() -> marks.flatMap(Marks::underWay).map(Drive::of));
  }

  /**
   * The folder that has the letters of a drive.
   *
   * @throws IllegalStateException if none here has
   */
  DriveFolder of(Drive drive) {
    return folders.stream()
        .filter(folder -> folder.has(drive))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Cannot go on with the drive %s: its letters were set aside under another checkpoint folder, and are not in %s. Go on with it there; or take it back with --give-up, which drives rows again that some sink may have got by it"
                        .formatted(drive.id(), own())));
  }

  /** Drives that have ended, as far as folders tell. */
  List<String> ended() {
    return folders.stream().flatMap(folder -> folder.ended().stream()).toList();
  }

  /**
   * Begins a drive whose letters are in the folder for new ones.
   *
   * @return whether it has begun; not if another one has taken letters of it, or is under way
   */
  boolean begin(Drive drive) {
    if (marks.isEmpty()) {
      return own().begin(drive);
    }
    own().describe(drive);
    Iterator<Row> letters = ids(own(), List.of(drive.id())).distinct().toLocalIterator();
    Function<Row, String> id = row -> row.getString(0);
    return marks.get().begin(drive.id(), drive.text(), mapped(letters, id));
  }

  private static <A, B> Iterator<B> mapped(Iterator<A> all, Function<A, B> each) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public B next() {
        return each.apply(all.next());
      }
    };
  }

  /**
   * Ends a drive.
   *
   * @param ended run when that is so, before it is said to all
   */
  void end(Drive drive, Runnable ended) {
    begunIn(drive)
        .ifPresentOrElse(
            folder -> folder.end(drive, ended),
            () -> {
              marks.ifPresent(all -> all.end(drive.id()));
              ended.run();
            });
  }

  /** The folder that says that a drive is under way. */
  private Optional<DriveFolder> begunIn(Drive drive) {
    return folders.stream()
        .filter(folder -> folder.underWay().filter(drive::is).isPresent())
        .findFirst();
  }

  /** Takes a drive back, as if it had never begun. */
  void forget(Drive drive) {
    marks.ifPresent(all -> all.forget(drive.id()));
    folders.forEach(folder -> folder.forget(drive.id()));
  }

  /** The ids of all letters that a drive has taken. */
  Optional<Dataset<Row>> taken() {
    List<Dataset<Row>> all = new ArrayList<>();
    for (DriveFolder folder : folders) {
      List<String> drives = new ArrayList<>(folder.ended());
      folder.underWay().ifPresent(drive -> drives.add(drive.id()));
      if (!drives.isEmpty()) {
        all.add(ids(folder, drives));
      }
    }
    marks.flatMap(tables -> tables.taken(spark)).ifPresent(all::add);
    return all.stream().reduce(Dataset::union);
  }

  private Dataset<Row> ids(DriveFolder folder, List<String> drives) {
    return spark
        .read()
        .schema(DeadLetters.ASIDE)
        .option("recursiveFileLookup", "true")
        .parquet(
            drives.stream().map(drive -> folder.letters(drive).toString()).toArray(String[]::new))
        .select("id");
  }
}
