package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.models.compiled.RowFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * Rows in a file of JSON lines, one object each: the columns that a model reads and, under {@code
 * expected}, what it gave for some of its outputs, by its own names, where it was trained.
 */
record OnnxSamples(Path file, List<JsonNode> lines) {
  /** Lines that are read. */
  private static final int MOST = 1000;

  /**
   * How far the outputs may be off: libraries score in doubles what they export as floats, and the
   * exporters themselves count on five digits.
   */
  private static final double TOLERANCE = 1e-5;

  private static final String EXPECTED = "expected";

  static OnnxSamples of(Path file) {
    try {
      if (Files.size(file) > GoldenRows.MOST) {
        throw new IllegalArgumentException(
            "Cannot read " + file + ": it has more than " + GoldenRows.MOST + " bytes");
      }
      List<JsonNode> lines = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank() && lines.size() < MOST) {
          lines.add(StageText.JSON.readTree(line));
        }
      }
      return new OnnxSamples(file, List.copyOf(lines));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read " + file + ": expected an object of JSON in each line", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** The inputs of a line. */
  Row inputs(int line, List<Manifest.Field> fields) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Manifest.Field field : fields) {
      JsonNode value = lines.get(line).path(field.name());
      if (value.isMissingNode()) {
        throw wrong(line, "Missing " + field.name());
      }
      values.add(value(line, field, value));
    }
    return RowFactory.create(values.toArray());
  }

  /**
   * The rows with what a model makes of them now.
   *
   * @param own the outputs under the names that the model has for them
   * @param outputs the same, under those for jobs
   * @throws IllegalArgumentException with a sentence, if it makes something else than the file says
   */
  GoldenRows golden(
      OnnxTrial trial,
      List<Manifest.Field> inputs,
      List<Manifest.Field> own,
      List<Manifest.Field> outputs) {
    List<Row> rows = new ArrayList<>();
    for (int line = 0; line < lines.size(); line++) {
      Row row = inputs(line, inputs);
      Row scored = scored(trial, line, row);
      check(line, own, scored);
      rows.add(joined(row, scored));
    }
    return new GoldenRows(inputs, outputs, rows);
  }

  private Row scored(OnnxTrial trial, int line, Row row) {
    try {
      return trial.scored(row);
    } catch (RowFault fault) {
      throw wrong(line, fault.reason());
    }
  }

  private void check(int line, List<Manifest.Field> outputs, Row scored) {
    JsonNode expected = lines.get(line).path(EXPECTED);
    expected.fieldNames().forEachRemaining(name -> checkName(line, outputs, name));
    for (int i = 0; i < outputs.size(); i++) {
      Manifest.Field output = outputs.get(i);
      JsonNode value = expected.path(output.name());
      if (!value.isMissingNode()) {
        GoldenRows one = new GoldenRows(List.of(), List.of(output), List.of());
        Row wanted = RowFactory.create(value(line, output, value));
        String wrong = one.wrong(wanted, RowFactory.create(scored.get(i)), TOLERANCE);
        if (wrong != null) {
          throw wrong(line, wrong + " where the model was trained");
        }
      }
    }
  }

  private void checkName(int line, List<Manifest.Field> outputs, String name) {
    List<String> known = outputs.stream().map(Manifest.Field::name).toList();
    if (!known.contains(name)) {
      throw wrong(line, "Unknown output " + name + ". The model gives " + String.join(", ", known));
    }
  }

  private @Nullable Object value(int line, Manifest.Field field, JsonNode value) {
    try {
      return JsonValues.read(value, GoldenRows.type(field));
    } catch (IOException | NumberFormatException e) {
      IllegalArgumentException wrong =
          wrong(line, "Expected " + field.type() + " for " + field.name() + ", found " + value);
      wrong.addSuppressed(e);
      throw wrong;
    }
  }

  private static Row joined(Row row, Row scored) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.get(i));
    }
    for (int i = 0; i < scored.size(); i++) {
      values.add(scored.get(i));
    }
    return RowFactory.create(values.toArray());
  }

  private IllegalArgumentException wrong(int line, String what) {
    return new IllegalArgumentException(
        "Cannot take row " + (line + 1) + " of " + file + ": " + what);
  }
}
