package io.millrace.engine.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** The files of whole batches, as the manifests say that a files sink adds to its folder. */
final class Manifests {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FORMAT = 1;

  private Manifests() {}

  /**
   * The files of one sink, batch by batch.
   *
   * @param sink its job and name, such as {@code orders/archive}
   * @throws IllegalArgumentException if there is no manifest of it, one of a later version, or if
   *     its files lie in folders of different columns
   */
  static List<String> files(SparkSession spark, String folder, String sink) {
    Path own = new Path(folder, "_millrace/" + word(sink, 0) + "/" + word(sink, 1));
    try {
      FileSystem system = own.getFileSystem(spark.sessionState().newHadoopConf());
      List<Path> manifests = manifests(system, own);
      if (manifests.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot find manifests of %s in %s. Name the job and the files sink that write there, or leave manifest out"
                .formatted(sink, folder));
      }
      List<String> files = new ArrayList<>();
      Set<String> columns = new TreeSet<>();
      for (Path each : manifests) {
        JsonNode manifest = read(system, each);
        boolean last = each.equals(manifests.get(manifests.size() - 1));
        if (!last || whole(system, own, manifest.path("attempt").asText())) {
          manifest
              .path("files")
              .forEach(
                  file -> {
                    String path = file.path("path").asText();
                    columns.add(path.replaceAll("=[^/]*/|[^/]*$", "/"));
                    files.add(new Path(folder, path).toString());
                  });
        }
      }
      if (columns.size() > 1) {
        throw new IllegalArgumentException(
            "Cannot read the files of %s in %s together: partition-by was changed in between. Leave manifest out and read each part by its path"
                .formatted(sink, folder));
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the manifests in " + own, e);
    }
  }

  private static String word(String sink, int part) {
    return URLEncoder.encode(sink.split("/", 2)[part], StandardCharsets.UTF_8);
  }

  private static List<Path> manifests(FileSystem system, Path own) throws IOException {
    try {
      return Arrays.stream(system.listStatus(own))
          .map(FileStatus::getPath)
          .filter(path -> path.getName().matches("[0-9]{20}[.]json"))
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static JsonNode read(FileSystem system, Path path) throws IOException {
    try (InputStream in = system.open(path)) {
      JsonNode manifest = JSON.readTree(in.readAllBytes());
      if (manifest.path("format").asInt() != FORMAT) {
        throw new IllegalArgumentException(
            "Cannot read %s: its format is %s, this version knows %d. Use a later version"
                .formatted(path, manifest.path("format"), FORMAT));
      }
      return manifest;
    }
  }

  /** The folder of an attempt is gone when all its files are in their places. */
  private static boolean whole(FileSystem system, Path own, String attempt) throws IOException {
    return attempt.isEmpty() || !system.exists(new Path(own, "attempts/" + attempt));
  }
}
