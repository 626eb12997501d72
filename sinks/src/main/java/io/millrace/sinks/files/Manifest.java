package io.millrace.sinks.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.sinks.encode.HeldJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What one step added to a folder: the files of a batch, or none where a start only said that it is
 * there.
 *
 * @param held what the folder has with it
 * @param attempt the folder in which the files were written; empty where there are none
 */
record Manifest(Held held, String attempt, List<DataFile> files) {
  private static final int FORMAT = 1;

  /**
   * A file.
   *
   * @param path below the folder
   */
  record DataFile(String path, long bytes) {}

  /** A step without files. */
  static Manifest of(Held held) {
    return new Manifest(held, "", List.of());
  }

  byte[] bytes(Identity who) {
    ObjectNode text = HeldJson.of(who, held);
    text.put("format", FORMAT);
    text.put("attempt", attempt);
    ArrayNode list = text.putArray("files");
    files.forEach(file -> list.addObject().put("path", file.path()).put("bytes", file.bytes()));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The manifest that bytes hold.
   *
   * @throws IllegalArgumentException if they hold none that this version knows
   */
  static Manifest of(byte[] bytes) {
    JsonNode text = HeldJson.read(bytes);
    int format = text.required("format").asInt();
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "Cannot read a manifest of format %d: this version knows format %d. Use the version that wrote it, or a later one"
              .formatted(format, FORMAT));
    }
    List<DataFile> files = new ArrayList<>();
    text.required("files")
        .forEach(
            file ->
                files.add(
                    new DataFile(file.required("path").asText(), file.required("bytes").asLong())));
    return new Manifest(HeldJson.held(text), text.required("attempt").asText(), List.copyOf(files));
  }
}
