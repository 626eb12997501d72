package io.millrace.jobs.trial;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Rows as a test writes them, as rows of Spark. */
final class Literals {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final SparkSession spark;

  Literals(SparkSession spark) {
    this.spark = spark;
  }

  /** A value as JSON; a text that is no map is itself. */
  static String payload(Tree row) {
    return row instanceof Leaf leaf ? leaf.text() : json(row).toString();
  }

  private static JsonNode json(Tree tree) {
    if (tree instanceof Fields fields) {
      ObjectNode map = NODES.objectNode();
      fields.fields().forEach((key, field) -> map.set(key, json(field.value())));
      return map;
    }
    if (tree instanceof Items items) {
      return NODES.arrayNode().addAll(items.items().stream().map(Literals::json).toList());
    }
    return json((Leaf) tree);
  }

  private static JsonNode json(Leaf leaf) {
    return switch (leaf.type()) {
      case WHOLE, DECIMAL -> number(leaf.text());
      case TRUTH -> NODES.booleanNode(leaf.text().equalsIgnoreCase("true"));
      case NOTHING, BROKEN, UNSET -> NODES.nullNode();
      case TEXT -> NODES.textNode(leaf.text());
    };
  }

  /** Octal, hexadecimal and endless numbers are left to Spark, which reads them as texts. */
  private static JsonNode number(String text) {
    try {
      return NODES.numberNode(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return NODES.textNode(text);
    }
  }

  /**
   * Rows with these columns; those that a row leaves out are null.
   *
   * @param path of the rows, for findings
   */
  List<Row> rows(List<Tree> written, StructType columns, String path, Findings findings) {
    List<String> lines = new ArrayList<>();
    for (Tree row : written) {
      if (row instanceof Fields fields) {
        known(fields, columns, path, findings);
        lines.add(json(bytes(fields, columns)).toString());
      } else {
        findings.add(row.at(), path, "Expected a map of columns, found a value");
      }
    }
    if (!findings.isEmpty() || lines.isEmpty()) {
      return List.of();
    }
    try {
      return read(lines, columns);
    } catch (Exception e) { // Scala throws what it does not declare.
      for (int at = 0; at < lines.size(); at++) {
        if (!readable(lines.get(at), columns)) {
          findings.add(
              written.get(at).at(),
              path,
              "Cannot take this as a row of " + columns.toDDL() + ": " + lines.get(at));
        }
      }
      return List.of();
    }
  }

  private boolean readable(String line, StructType columns) {
    try {
      return !read(List.of(line), columns).isEmpty();
    } catch (Exception e) { // Scala throws what it does not declare.
      return false;
    }
  }

  private List<Row> read(List<String> lines, StructType columns) {
    return spark
        .read()
        .schema(columns)
        .option("mode", "FAILFAST")
        .json(spark.createDataset(lines, Encoders.STRING()))
        .collectAsList();
  }

  private static void known(Fields row, StructType columns, String path, Findings findings) {
    List<String> names = Arrays.asList(columns.fieldNames());
    row.fields()
        .forEach(
            (key, field) -> {
              if (!names.contains(key)) {
                findings.add(field.at(), path, "Unknown column '" + key + "'. There are " + names);
              }
            });
  }

  /** Spark reads bytes in JSON by Base64; a test writes them as a text. */
  private static Tree bytes(Fields row, StructType columns) {
    Map<String, Field> fields = new LinkedHashMap<>(row.fields());
    for (StructField column : columns.fields()) {
      Field field = fields.get(column.name());
      if (field != null
          && column.dataType().equals(DataTypes.BinaryType)
          && field.value() instanceof Leaf leaf
          && leaf.type() != Tree.Type.NOTHING) {
        String encoded =
            Base64.getEncoder().encodeToString(leaf.text().getBytes(StandardCharsets.UTF_8));
        fields.put(
            column.name(),
            new Field(
                field.at(),
                new Leaf(leaf.at(), encoded, leaf.written(), Tree.Type.TEXT, leaf.start())));
      }
    }
    return new Fields(row.at(), fields);
  }

  /** The same column, which may be left out. */
  static StructField nullable(StructField column) {
    return new StructField(column.name(), column.dataType(), true, column.metadata());
  }

  /** A row as a person reads it: a map of columns, as JSON. */
  static String text(Row row, List<String> columns) {
    ObjectNode map = NODES.objectNode();
    try {
      JsonNode all = JSON.readTree(row.json());
      columns.forEach(
          column -> map.set(column, all.has(column) ? all.get(column) : NODES.nullNode()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot show " + row, e);
    }
    return map.toString();
  }
}
