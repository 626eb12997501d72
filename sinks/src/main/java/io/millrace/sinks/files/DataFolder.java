package io.millrace.sinks.files;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Failpoint;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * The files of a folder: written in the folder of an attempt, where no reader looks, and moved to
 * their places when a manifest names them. What no manifest names never becomes visible.
 */
final class DataFolder {
  /** Of the formats that are text: Spark's own forms cut times to the millisecond. */
  private static final Map<String, String> WHOLE_TIMES =
      Map.of(
          "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS][XXX]",
          "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]");

  private final FilesSink.Settings settings;
  private final ManifestLog log;
  private final FileSystem system;

  DataFolder(FilesSink.Settings settings, ManifestLog log) {
    this.settings = settings;
    this.log = log;
    this.system = log.system();
  }

  /**
   * The rows of a batch in files that are not visible yet.
   *
   * @param name of the attempt; empty where there are no files
   */
  record Staged(String name, List<Manifest.DataFile> files, long rows) {}

  /** Writes all rows of a batch aside. */
  Staged stage(Batch batch, long epoch) {
    String name = "%d-%d-%s".formatted(epoch, batch.id(), UUID.randomUUID());
    try {
      long rows = write(batch.rows(), attempt(name));
      if (rows > 0) {
        List<Manifest.DataFile> files = new ArrayList<>();
        list(attempt(name), "", batch.id(), files);
        return new Staged(name, List.copyOf(files), rows);
      }
      forget(name);
      return new Staged("", List.of(), 0);
    } catch (IOException e) {
      throw log.failed("write batch " + batch.id(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while writing batch " + batch.id(), e);
    }
  }

  private long write(Dataset<Row> rows, Path attempt) throws InterruptedException {
    Observation observed = new Observation();
    DataFrameWriter<Row> writer =
        rows.observe(observed, functions.count(functions.lit(1)).as("rows"))
            .write()
            .format(settings.format().word())
            .options(WHOLE_TIMES)
            .options(settings.options())
            .mode(SaveMode.ErrorIfExists);
    if (settings.format() == FilesSink.Format.OBJECT) {
      writer.option(SequenceFormat.OBJECTS, true);
    }
    if (!settings.partitionBy().isEmpty()) {
      writer.partitionBy(settings.partitionBy().toArray(String[]::new));
    }
    writer.save(attempt.toString());
    return ((Number) observed.getAsJava().getOrDefault("rows", 0L)).longValue();
  }

  private void list(Path from, String below, long batch, List<Manifest.DataFile> files)
      throws IOException {
    for (FileStatus status : system.listStatus(from)) {
      String name = status.getPath().getName();
      if (name.startsWith(".") || (name.startsWith("_") && !name.contains("="))) {
        continue;
      }
      if (status.isDirectory()) {
        list(status.getPath(), below + name + "/", batch, files);
      } else {
        files.add(new Manifest.DataFile(below + prefix(batch) + name, status.getLen()));
      }
    }
  }

  private static String prefix(long batch) {
    return "batch-" + batch + "-";
  }

  /**
   * Moves the files of a manifest to their places, those that are not there yet. The folder of the
   * attempt is gone when all are.
   */
  void publish(Manifest manifest) {
    if (manifest.attempt().isEmpty()) {
      return;
    }
    Path attempt = attempt(manifest.attempt());
    try {
      if (system.exists(attempt)) {
        for (Manifest.DataFile file : manifest.files()) {
          move(attempt, file.path(), manifest.held().batch());
          Failpoint.FILE_MOVED.reached(log.who().sink());
        }
        system.delete(attempt, true);
      }
    } catch (IOException e) {
      throw log.failed("publish batch " + manifest.held().batch(), e);
    }
  }

  /** A file that is gone from the attempt was moved before, whatever a reader did with it then. */
  private void move(Path attempt, String path, long batch) throws IOException {
    Path target = new Path(log.folder(), path);
    int name = path.lastIndexOf('/') + 1;
    Path file =
        new Path(attempt, path.substring(0, name) + path.substring(name + prefix(batch).length()));
    system.mkdirs(target.getParent());
    if (!renamed(file, target) && system.exists(file)) {
      if (!system.exists(target)) {
        throw new IOException("Cannot move " + file + " to " + target);
      }
      // A store that copies was stopped between the copy and the deletion.
      system.delete(file, false);
    }
  }

  private boolean renamed(Path file, Path target) throws IOException {
    try {
      return system.exists(file) && !system.exists(target) && system.rename(file, target);
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Deletes what an attempt wrote that no manifest names. */
  void forget(String attempt) {
    try {
      system.delete(attempt(attempt), true);
    } catch (IOException e) {
      throw log.failed("delete the attempt " + attempt, e);
    }
  }

  /**
   * Deletes what earlier starts wrote aside. They can add no manifest any more, and the files of
   * the last manifest are in their places.
   */
  void clean(long epoch) {
    try {
      for (FileStatus status : system.listStatus(log.attempts())) {
        String name = status.getPath().getName();
        if (name.matches("[0-9]+-.*")
            && Long.parseLong(name.substring(0, name.indexOf('-'))) < epoch) {
          system.delete(status.getPath(), true);
        }
      }
    } catch (FileNotFoundException e) {
      // No attempt was made yet.
    } catch (IOException e) {
      throw log.failed("delete the attempts before epoch " + epoch, e);
    }
  }

  private Path attempt(String name) {
    return new Path(log.attempts(), name);
  }
}
