package io.millrace.engine.dstream;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Whole;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * The folder below a job's checkpoint that has what its streams rest on: Spark's own checkpoint in
 * {@code spark}, the files of each batch in {@code files}, what is done, its id, and which shape of
 * job it was written for.
 */
final class Home {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Path root;
  private final Configuration hadoop;
  private final CheckpointFileManager files;

  private Home(Path root, Configuration hadoop) {
    this.root = root;
    this.hadoop = hadoop;
    this.files = CheckpointFileManager.create(root, hadoop);
  }

  static Home of(Plan plan, Configuration hadoop) {
    Home home = new Home(new Path(plan.checkpoint(), "dstream"), hadoop);
    home.files.mkdirs(new Path(home.root, "done"));
    home.files.mkdirs(new Path(home.root, "spark"));
    return home;
  }

  /** Where Spark keeps its checkpoint. */
  String spark() {
    return new Path(root, "spark").toString();
  }

  FolderLog files(String source) {
    return FolderLog.in(new Path(new Path(root, "files"), source), hadoop);
  }

  Done done(Plan plan) {
    Done done = new Done(new Path(root, "done"), files);
    plan.queries().forEach(query -> done.read(query.name()));
    return done;
  }

  /** The id of the checkpoint. */
  UUID id() {
    return UUID.fromString(text("id"));
  }

  /** Begins anew, with an id and a shape. */
  void begin(UUID id, String shape) {
    write("shape", shape);
    write("id", id.toString());
  }

  /**
   * Waits until Spark has a checkpoint.
   *
   * @throws JobFailedException if it takes too long
   */
  void awaitCheckpoint() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (Arrays.stream(files.list(new Path(spark()))).noneMatch(Home::isCheckpoint)) {
      if (System.nanoTime() > end) {
        throw new JobFailedException(
            "Cannot write: Spark has no checkpoint in %s after %d s. Look in the log for why"
                .formatted(spark(), PATIENCE.toSeconds()));
      }
      Thread.sleep(LOOK.toMillis());
    }
  }

  private static boolean isCheckpoint(FileStatus file) {
    return file.getPath().getName().matches("checkpoint-\\d+");
  }

  /**
   * Compares the shape of a job with that of the checkpoint.
   *
   * @throws JobFailedException if they differ
   */
  void failIfOther(String shape) {
    String before = text("shape");
    if (!before.equals(shape)) {
      throw new JobFailedException(
          "Cannot go on from the checkpoint %s: with engine: dstream it holds the sources, totals, windows, queries and the interval of the job that wrote it, and these are others now. Put them back, or move the folder away to begin anew. It was written for [%s], the job has [%s]"
              .formatted(root, line(before), line(shape)));
    }
  }

  private static String line(String shape) {
    return String.join("; ", shape.lines().filter(line -> !line.isBlank()).toList());
  }

  private String text(String name) {
    Path file = new Path(root, name);
    return files.exists(file) ? new String(Whole.read(files, file), StandardCharsets.UTF_8) : "";
  }

  private void write(String name, String text) {
    Whole.write(files, new Path(root, name), text.getBytes(StandardCharsets.UTF_8));
  }
}
