package io.millrace.sinks.files;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Identity;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.functions;

/**
 * One batch on its way into a folder: written aside, marked as whole, moved file by file, marked as
 * published. Each mark is one small file that is created whole, so a run that is killed goes on at
 * the last mark. All of it lies below a name with an underscore, which readers of folders skip.
 */
final class FolderPublisher {
  private static final String MARK = "published-";

  private final FilesSink.Settings settings;
  private final FileSystem system;
  private final Path folder;
  private final Path own;
  private final Path stage;
  private final Path whole;
  private final long batch;

  private FolderPublisher(
      FilesSink.Settings settings, FileSystem system, Path folder, Path own, long batch) {
    this.settings = settings;
    this.system = system;
    this.folder = folder;
    this.own = own;
    this.stage = new Path(own, "batch-" + batch);
    this.whole = new Path(own, "whole-" + batch);
    this.batch = batch;
  }

  static FolderPublisher of(FilesSink.Settings settings, Batch batch) {
    try {
      Path path = new Path(settings.path());
      FileSystem system =
          path.getFileSystem(batch.rows().sparkSession().sessionState().newHadoopConf());
      Path folder = system.makeQualified(path);
      Path own = new Path(folder, "_millrace/" + token(batch.who()));
      return new FolderPublisher(settings, system, folder, own, batch.id());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open the folder " + settings.path(), e);
    }
  }

  /** The last batch whose files are all in the folder; -1 if there is none. */
  long last() {
    try {
      return Arrays.stream(system.listStatus(own))
          .map(status -> status.getPath().getName())
          .filter(name -> name.startsWith(MARK))
          .mapToLong(name -> Long.parseLong(name.substring(MARK.length())))
          .max()
          .orElse(-1);
    } catch (FileNotFoundException e) {
      return -1;
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  /** Whether all rows of the batch were written aside before. */
  boolean staged() {
    try {
      return system.exists(whole);
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  /** Writes all rows aside. */
  void stage(Dataset<Row> rows) {
    Observation observed = new Observation();
    DataFrameWriter<Row> writer =
        rows.observe(observed, functions.count(functions.lit(1)).as("rows"))
            .write()
            .format(settings.format().word())
            .options(settings.options())
            .mode(SaveMode.Overwrite);
    if (!settings.partitionBy().isEmpty()) {
      writer.partitionBy(settings.partitionBy().toArray(String[]::new));
    }
    writer.save(stage.toString());
    try {
      if (observed.getAsJava().getOrDefault("rows", 0L).equals(0L)) {
        system.delete(stage, true);
      }
      mark(whole);
    } catch (IOException e) {
      throw failed("write", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while writing batch " + batch, e);
    }
  }

  /** Moves what is aside into the folder. Files that were moved before stay where they are. */
  void publish() {
    try {
      if (system.exists(stage)) {
        move(stage, folder);
      }
      long before = last();
      mark(new Path(own, MARK + batch));
      system.delete(stage, true);
      system.delete(whole, false);
      if (before >= 0) {
        system.delete(new Path(own, MARK + before), false);
      }
    } catch (IOException e) {
      throw failed("publish", e);
    }
  }

  private void move(Path from, Path to) throws IOException {
    for (FileStatus status : system.listStatus(from)) {
      String name = status.getPath().getName();
      if (name.startsWith(".") || (name.startsWith("_") && !name.contains("="))) {
        continue;
      }
      if (status.isDirectory()) {
        Path below = new Path(to, name);
        system.mkdirs(below);
        move(status.getPath(), below);
      } else {
        move(status.getPath(), to, "batch-%d-%s".formatted(batch, name));
      }
    }
  }

  /** A store that copies may have been stopped between the copy and the deletion. */
  private void move(Path file, Path to, String name) throws IOException {
    Path target = new Path(to, name);
    if (system.exists(target)) {
      system.delete(file, false);
    } else if (!system.rename(file, target)) {
      throw new IOException("Cannot move " + file + " to " + target);
    }
  }

  private void mark(Path path) throws IOException {
    system.create(path, true).close();
  }

  /** Differs between any two queries and sinks, and between a checkpoint and a new one. */
  private static String token(Identity who) {
    String name = String.join("/", who.job(), who.sink(), who.queryId().toString());
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private UncheckedIOException failed(String what, IOException e) {
    return new UncheckedIOException(
        "Cannot %s batch %d in %s: %s".formatted(what, batch, folder, e.getMessage()), e);
  }
}
