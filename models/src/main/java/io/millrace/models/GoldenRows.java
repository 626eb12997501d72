package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Some rows with what a model made of them when it was stored. A model that makes something else of
 * them now is not the one that was measured: its files, or the Spark or Java under it, differ.
 *
 * @param inputs the columns that the model needs
 * @param outputs the columns that it adds
 * @param rows each with the values of the inputs, then those of the outputs
 */
record GoldenRows(List<Manifest.Field> inputs, List<Manifest.Field> outputs, List<Row> rows) {
  /** The file with them, in the folder of a version. */
  static final String NAME = "golden.json";

  /** Bytes that the file may have. */
  static final int MOST = 16 << 20;

  /**
   * How far a number may be off, as a share of it where it is more than 1: the linear algebra of
   * two machines may sum in another order.
   */
  private static final double TOLERANCE = 1e-9;

  private static final String ADVICE =
      ". Use the Spark that it was trained with, or train the model again";

  private static final int FORMAT = 1;
  private static final String NUMBER = "_golden_row";

  GoldenRows {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    rows = List.copyOf(rows);
  }

  /**
   * What a model makes of the first of these rows. Rows that it drops are left out.
   *
   * @param most rows
   * @throws IllegalArgumentException with a sentence, if a value cannot be kept
   */
  static GoldenRows of(
      Dataset<Row> rows,
      PipelineModel model,
      List<Manifest.Field> inputs,
      List<Manifest.Field> outputs,
      int most) {
    Column[] columns =
        inputs.stream()
            .map(field -> rows.col(Words.quoted(field.name())).as(field.name()))
            .toArray(Column[]::new);
    List<Row> taken = rows.select(columns).limit(most).collectAsList();
    GoldenRows golden = new GoldenRows(inputs, outputs, taken);
    Map<Integer, Row> scored = golden.scored(rows.sparkSession(), model);
    List<Row> kept = new ArrayList<>();
    for (int number = 0; number < taken.size(); number++) {
      if (scored.containsKey(number)) {
        kept.add(joined(taken.get(number), scored.get(number)));
      }
    }
    return new GoldenRows(inputs, outputs, kept);
  }

  /** The rows in a file that {@link #json} made. */
  static GoldenRows of(byte[] json) {
    try {
      JsonNode file = StageText.JSON.readTree(json);
      if (file.path("format").asInt() != FORMAT) {
        throw new IllegalArgumentException(
            "Cannot read "
                + NAME
                + ": expected format "
                + FORMAT
                + ", found "
                + file.path("format").asText("nothing")
                + ". Use the version of Millrace that wrote it, or train the model again");
      }
      List<Manifest.Field> inputs = fields(file.path("inputs"));
      List<Manifest.Field> outputs = fields(file.path("outputs"));
      List<DataType> types =
          Stream.of(inputs, outputs).flatMap(List::stream).map(GoldenRows::type).toList();
      List<Row> rows = new ArrayList<>();
      for (JsonNode row : file.path("rows")) {
        rows.add(row(row, types));
      }
      return new GoldenRows(inputs, outputs, rows);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read " + NAME + ": it has no golden rows. Train the model again", e);
    }
  }

  /** The file with them. */
  byte[] json() {
    ObjectNode file = JsonNodeFactory.instance.objectNode().put("format", FORMAT);
    file.set("inputs", StageText.JSON.valueToTree(inputs));
    file.set("outputs", StageText.JSON.valueToTree(outputs));
    ArrayNode lines = file.putArray("rows");
    for (Row row : rows) {
      ArrayNode line = lines.addArray();
      for (int i = 0; i < row.size(); i++) {
        line.add(JsonValues.write(row.get(i)));
      }
    }
    try {
      return StageText.JSON.writeValueAsString(file).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write the golden rows", e);
    }
  }

  /**
   * Checks that a model makes of the rows what it made of them when it was stored.
   *
   * @param path of the model, for the sentence
   * @throws IllegalStateException with the row, the column, what was expected and what was found
   */
  void check(SparkSession spark, PipelineModel model, String path) {
    Map<Integer, Row> scored = rows.isEmpty() ? Map.of() : scored(spark, model);
    for (int number = 0; number < rows.size(); number++) {
      Row found = scored.get(number);
      String wrong = found == null ? "it is dropped" : wrong(rows.get(number), found, TOLERANCE);
      if (wrong != null) {
        throw differs(path, number, wrong, ADVICE);
      }
    }
  }

  /**
   * What is wrong with the outputs that a model has given for one of the rows, as a clause; null if
   * they are what they were.
   *
   * @param tolerance how far a number may be off, as a share of it where it is more than 1
   */
  @Nullable String wrong(Row row, Row found, double tolerance) {
    for (int i = 0; i < outputs.size(); i++) {
      Object expected = row.get(inputs.size() + i);
      if (!alike(expected, found.get(i), tolerance)) {
        return outputs.get(i).name() + " is " + found.get(i) + ", expected " + expected;
      }
    }
    return null;
  }

  /** The outputs by the number of the row. */
  private Map<Integer, Row> scored(SparkSession spark, PipelineModel model) {
    StructType schema = new StructType();
    for (Manifest.Field field : inputs) {
      schema = schema.add(field.name(), type(field), true);
    }
    List<Row> numbered = new ArrayList<>();
    for (int number = 0; number < rows.size(); number++) {
      numbered.add(numbered(rows.get(number), number));
    }
    Dataset<Row> given =
        spark.createDataFrame(numbered, schema.add(NUMBER, DataTypes.IntegerType, false));
    Map<Integer, Row> scored = new HashMap<>();
    for (Row row : model.transform(given).select(columns()).collectAsList()) {
      scored.put(row.<Integer>getAs(outputs.size()), row);
    }
    return scored;
  }

  private Column[] columns() {
    return Stream.concat(outputs.stream().map(Manifest.Field::name), Stream.of(NUMBER))
        .map(name -> functions.col(Words.quoted(name)))
        .toArray(Column[]::new);
  }

  private Row numbered(Row row, int number) {
    @Nullable Object[] values = new @Nullable Object[inputs.size() + 1];
    for (int i = 0; i < inputs.size(); i++) {
      values[i] = row.get(i);
    }
    values[inputs.size()] = number;
    return RowFactory.create(values);
  }

  /** The values of a row, then the outputs of it, without its number. */
  private static Row joined(Row row, Row scored) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.get(i));
    }
    for (int i = 0; i < scored.size() - 1; i++) {
      values.add(scored.get(i));
    }
    return RowFactory.create(values.toArray());
  }

  private static Row row(JsonNode json, List<DataType> types) throws IOException {
    if (json.size() != types.size()) {
      throw new IOException("Expected " + types.size() + " values, found " + json.size());
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      values.add(JsonValues.read(json.path(i), types.get(i)));
    }
    return RowFactory.create(values.toArray());
  }

  private static List<Manifest.Field> fields(JsonNode json) throws IOException {
    return List.of(StageText.JSON.treeToValue(json, Manifest.Field[].class));
  }

  static DataType type(Manifest.Field field) {
    return field.type().equals(Manifest.VECTOR) ? SQLDataTypes.VectorType() : Schemas.type(field);
  }

  private static boolean alike(
      @Nullable Object expected, @Nullable Object found, double tolerance) {
    if (expected == null || found == null) {
      return expected == found;
    }
    if (expected instanceof Vector one && found instanceof Vector other) {
      double[] ones = one.toArray();
      double[] others = other.toArray();
      boolean same = ones.length == others.length;
      for (int i = 0; same && i < ones.length; i++) {
        same = near(ones[i], others[i], tolerance);
      }
      return same;
    }
    if (expected instanceof Double one && found instanceof Double other) {
      return near(one, other, tolerance);
    }
    return expected.equals(found);
  }

  private static boolean near(double one, double other, double tolerance) {
    double size = Math.max(1, Math.max(Math.abs(one), Math.abs(other)));
    return Double.compare(one, other) == 0
        || (Double.isFinite(size) && Math.abs(one - other) <= tolerance * size);
  }

  /**
   * That a model does not score a row as it did.
   *
   * @param number of the row, from 0
   * @param advice a sentence, with what is before it
   */
  static IllegalStateException differs(String path, int number, String what, String advice) {
    return new IllegalStateException(
        "Cannot use the model at "
            + path
            + ": it does not score golden row "
            + (number + 1)
            + " as when it was stored: "
            + what
            + advice);
  }
}
