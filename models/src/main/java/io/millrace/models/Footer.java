package io.millrace.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * The end of a Parquet file, where Spark keeps the types of the columns. A type of a user's own is
 * kept there by its class, or with the bytes of it, if Python made it; Spark makes one of it before
 * it reads a row.
 */
final class Footer {
  private static final String COLUMNS = "org.apache.spark.sql.parquet.row.metadata";
  private static final String MAGIC = "PAR1";
  private static final String ENCRYPTED = "PARE";

  private Footer() {}

  /** Whether a file ends as Parquet does, by which alone it is told. */
  static boolean parquet(Storage folder, String name, long bytes) throws IOException {
    try (InputStream stream = folder.open(name)) {
      stream.skipNBytes(Math.max(0, bytes - MAGIC.length()));
      String end = new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
      return end.equals(MAGIC) || end.equals(ENCRYPTED);
    }
  }

  /**
   * The classes of column types that a file names.
   *
   * @throws IllegalArgumentException with a sentence, if they cannot be told
   */
  static List<String> classes(Storage folder, String name) throws IOException {
    List<String> classes = new ArrayList<>();
    columns(folder, name).ifPresent(text -> collect(StageText.parsed(text), classes));
    return classes;
  }

  private static Optional<String> columns(Storage folder, String name) throws IOException {
    Path path = new Path(folder.uri(), name);
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(path, HadoopStorage.configuration()))) {
      return Optional.ofNullable(
          reader.getFooter().getFileMetaData().getKeyValueMetaData().get(COLUMNS));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("it is no Parquet that can be read", e);
    }
  }

  private static void collect(JsonNode node, List<String> classes) {
    for (String key : List.of("class", "serializedClass")) {
      if (node.path("type").asText().equals("udt") && node.path(key).isTextual()) {
        classes.add(node.path(key).textValue());
      }
    }
    node.forEach(part -> collect(part, classes));
  }
}
