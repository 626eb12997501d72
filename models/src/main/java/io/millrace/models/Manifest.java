package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a stored model without loading it.
 *
 * @param format of this file; readers refuse one that they do not know
 * @param created when it was stored, ISO 8601 in UTC
 * @param spark the version of Spark that wrote the model, or under which an ONNX model was stored
 * @param data the version of the data that it learned from; null if that has none
 * @param label the column that it learned to tell; null if it learned without one
 * @param inputs the columns that it needs
 * @param outputs the columns that it adds
 * @param stages the classes of its stages, or its ONNX operators, in order; empty in a manifest of
 *     format 1
 * @param trainingRows rows that it learned from
 * @param heldOutRows rows that its metrics were measured on
 * @param incompleteRows rows that were left out, as a feature was null
 * @param metrics figures on the rows that were held out
 * @param files the sha256 of every other file in the version's folder, in hexadecimal
 * @param onnx of an ONNX model; null for a pipeline of Spark's
 */
public record Manifest(
    int format,
    String model,
    String version,
    String created,
    String spark,
    @Nullable String data,
    Task task,
    @Nullable String label,
    List<Field> inputs,
    List<Field> outputs,
    List<String> stages,
    long trainingRows,
    long heldOutRows,
    long incompleteRows,
    Map<String, Double> metrics,
    Map<String, String> files,
    @Nullable Onnx onnx) {
  /** The format of a pipeline's manifest. */
  static final int FORMAT = 2;

  /** The format of an ONNX model's, which the readers of format 2 refuse. */
  static final int ONNX = 3;

  /** Bytes that a manifest may have. */
  static final int MOST = 4 << 20;

  /** The type of an output that is a vector. */
  static final String VECTOR = "vector";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  public Manifest {
    stages = stages == null ? List.of() : List.copyOf(stages);
  }

  /**
   * A column.
   *
   * @param type as Spark writes it in SQL, or {@code vector}
   * @param size of a vector; 0 for everything else
   */
  public record Field(String name, String type, int size) {}

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write the manifest of " + model, e);
    }
  }

  /** The manifest in these bytes, which lie at {@code where}. */
  static Manifest of(byte[] json, String where) {
    try {
      Format found = JSON.readValue(json, Format.class);
      if (found == null || found.format() < 1 || found.format() > ONNX) {
        throw unknown(where, found == null ? "nothing" : Integer.toString(found.format()));
      }
      Manifest manifest = JSON.readValue(json, Manifest.class);
      if (found.format() == ONNX && manifest.onnx() == null) {
        throw new IOException("Missing onnx");
      }
      return found.format() == 1 ? manifest.below(ModelStore.MODEL) : manifest;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read " + where + ": it is no manifest. Train the model again", e);
    }
  }

  private record Format(int format) {}

  /** Format 1 named its files from the folder of Spark's own ones. */
  private Manifest below(String folder) {
    Map<String, String> moved = new TreeMap<>();
    files.forEach((name, hash) -> moved.put(folder + "/" + name, hash));
    return new Manifest(
        format,
        model,
        version,
        created,
        spark,
        data,
        task,
        label,
        inputs,
        outputs,
        stages,
        trainingRows,
        heldOutRows,
        incompleteRows,
        metrics,
        moved,
        onnx);
  }

  private static IllegalArgumentException unknown(String where, String format) {
    return new IllegalArgumentException(
        "Cannot read "
            + where
            + ": expected format 1 to "
            + ONNX
            + ", found "
            + format
            + ". Use the version of Millrace that wrote it, or train the model again");
  }
}
