package io.millrace.sinks.files;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The ledger of one sink in one folder: manifests {@code _millrace/<job>/<sink>/<number>.json},
 * numbered from 0 in the order in which they were added. None is ever changed, or added twice under
 * one number; the last one says what the folder has. Readers of folders skip all of it for the
 * underscore.
 */
final class ManifestLog {
  private static final String SUFFIX = ".json";

  private final FileSystem system;
  private final Configuration hadoop;
  private final Path folder;
  private final Path own;
  private final Identity who;
  private long known = -1;

  private ManifestLog(
      FileSystem system, Configuration hadoop, Path folder, Path own, Identity who) {
    this.system = system;
    this.hadoop = hadoop;
    this.folder = folder;
    this.own = own;
    this.who = who;
  }

  /** The last manifest and its number. */
  record Tip(long number, Manifest manifest) {
    Held held() {
      return manifest.held();
    }
  }

  static ManifestLog of(SparkSession spark, String path, Identity who) {
    try {
      Configuration hadoop = spark.sessionState().newHadoopConf();
      FileSystem system = new Path(path).getFileSystem(hadoop);
      Path folder = system.makeQualified(new Path(path));
      Path own = new Path(folder, "_millrace/" + word(who.job()) + "/" + word(who.sink()));
      return new ManifestLog(system, hadoop, folder, own, who);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open the folder " + path, e);
    }
  }

  private static String word(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  FileSystem system() {
    return system;
  }

  /** The folder that gets the files. */
  Path folder() {
    return folder;
  }

  /** The folder of the ledger itself. */
  Path own() {
    return own;
  }

  /** Where files lie until a manifest names them, a folder for each attempt. */
  Path attempts() {
    return new Path(own, "attempts");
  }

  Identity who() {
    return who;
  }

  /** The last manifest; empty where there is none. */
  Optional<Tip> tip() {
    try {
      if (known < 0 || !system.exists(file(known))) {
        known = listed();
      }
      while (known >= 0 && system.exists(file(known + 1))) {
        known++;
      }
      return known < 0 ? Optional.empty() : Optional.of(new Tip(known, read(file(known))));
    } catch (IOException e) {
      throw failed("read the manifests", e);
    }
  }

  private long listed() throws IOException {
    try {
      return Arrays.stream(system.listStatus(own))
          .map(status -> status.getPath().getName())
          .filter(name -> name.matches("[0-9]{20}[.]json"))
          .mapToLong(name -> Long.parseLong(name.substring(0, name.length() - SUFFIX.length())))
          .max()
          .orElse(-1);
    } catch (FileNotFoundException e) {
      return -1;
    }
  }

  private Manifest read(Path file) throws IOException {
    try (InputStream in = system.open(file)) {
      return Manifest.of(in.readAllBytes());
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("Cannot go on with " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Adds a manifest behind the one that was the last.
   *
   * @return false if another one is there by now, and nothing was changed
   */
  boolean add(Optional<Tip> last, Manifest next) {
    Path file = file(last.map(Tip::number).orElse(-1L) + 1);
    try {
      return CreateOnce.create(
          system,
          hadoop,
          file,
          new Path(attempts(), next.held().epoch() + "-" + file.getName()),
          next.bytes(who));
    } catch (IOException e) {
      throw failed("add the manifest " + file.getName(), e);
    }
  }

  private Path file(long number) {
    return new Path(own, "%020d".formatted(number) + SUFFIX);
  }

  UncheckedIOException failed(String what, IOException e) {
    return new UncheckedIOException(
        "Cannot %s of sink %s in %s: %s".formatted(what, who.sink(), folder, e.getMessage()), e);
  }
}
