package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a stored model without loading it.
 *
 * @param format of this file; readers refuse one that they do not know
 * @param created when it was stored, ISO 8601 in UTC
 * @param spark the version of Spark that wrote the model
 * @param label the column that it learned to tell; null if it learned without one
 * @param inputs the columns that it needs
 * @param outputs the columns that it adds
 * @param trainingRows rows that it learned from
 * @param heldOutRows rows that its metrics were measured on
 * @param incompleteRows rows that were left out, as a feature was null
 * @param metrics figures on the rows that were held out
 * @param files the sha256 of every file of the model, in hexadecimal
 */
public record Manifest(
    int format,
    String model,
    String version,
    String created,
    String spark,
    Task task,
    @Nullable String label,
    List<Field> inputs,
    List<Field> outputs,
    long trainingRows,
    long heldOutRows,
    long incompleteRows,
    Map<String, Double> metrics,
    Map<String, String> files) {
  /** The format that this version writes. */
  static final int FORMAT = 1;

  /** The type of an output that is a vector. */
  static final String VECTOR = "vector";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

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
      Manifest manifest = JSON.readValue(json, Manifest.class);
      if (manifest == null || manifest.format() != FORMAT) {
        throw new IllegalArgumentException(
            "Cannot read "
                + where
                + ": expected format "
                + FORMAT
                + ", found "
                + (manifest == null ? "nothing" : manifest.format())
                + ". Use the version of Millrace that wrote it, or train the model again");
      }
      return manifest;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read " + where + ": it is no manifest. Train the model again", e);
    }
  }
}
