package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Columns from a JSON Schema: {@code required} becomes not null, {@code date-time} and {@code date}
 * become times, an object without properties becomes a map.
 */
final class JsonSchema {
  private static final int DEEPEST = 50;

  private final String file;
  private final JsonNode root;

  private JsonSchema(String file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static StructType columns(String file, String text) {
    try {
      JsonNode root = new ObjectMapper().readTree(text);
      JsonSchema schema = new JsonSchema(file, root);
      if (!(schema.type(root, "", 0) instanceof StructType columns)) {
        throw schema.cannot("", "an object with properties is needed at the top");
      }
      return columns;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read the JSON Schema " + file + ": " + e.getOriginalMessage(), e);
    }
  }

  private DataType type(JsonNode written, String path, int depth) {
    if (depth > DEEPEST) {
      throw cannot(path, "it refers to itself or is nested too deep");
    }
    JsonNode node = resolved(written, path);
    return switch (name(node, path)) {
      case "string" -> text(node);
      case "integer" -> DataTypes.LongType;
      case "number" -> DataTypes.DoubleType;
      case "boolean" -> DataTypes.BooleanType;
      case "array" ->
          DataTypes.createArrayType(type(node.path("items"), path + "[]", depth + 1), true);
      case "object" -> object(node, path, depth);
      default -> throw cannot(path, "the type " + name(node, path) + " has no column type");
    };
  }

  private DataType object(JsonNode node, String path, int depth) {
    JsonNode properties = node.path("properties");
    if (properties.isEmpty()) {
      JsonNode values = node.path("additionalProperties");
      return DataTypes.createMapType(
          DataTypes.StringType,
          values.isObject() ? type(values, path + ".*", depth + 1) : DataTypes.StringType,
          true);
    }
    Set<String> required = new HashSet<>();
    node.path("required").forEach(each -> required.add(each.asText()));
    StructType columns = new StructType();
    for (Map.Entry<String, JsonNode> each : properties.properties()) {
      DataType type = type(each.getValue(), path + "." + each.getKey(), depth + 1);
      boolean optional = !required.contains(each.getKey()) || takesNull(each.getValue());
      columns = columns.add(each.getKey(), type, optional);
    }
    return columns;
  }

  private static DataType text(JsonNode node) {
    return switch (node.path("format").asText()) {
      case "date-time" -> DataTypes.TimestampType;
      case "date" -> DataTypes.DateType;
      default -> DataTypes.StringType;
    };
  }

  private JsonNode resolved(JsonNode node, String path) {
    JsonNode at = node;
    for (int steps = 0; at.has("$ref"); steps++) {
      String target = at.path("$ref").asText();
      if (!target.startsWith("#") || steps > DEEPEST) {
        throw cannot(path, "the reference " + target + " leads out of the file or in a circle");
      }
      at = root.at(target.substring(1));
    }
    return at;
  }

  private String name(JsonNode node, String path) {
    JsonNode type = node.path("type");
    if (type.isTextual()) {
      return type.asText();
    }
    Set<String> names = new HashSet<>();
    type.forEach(each -> names.add(each.asText()));
    names.remove("null");
    if (names.size() == 1) {
      return names.iterator().next();
    }
    if (node.has("properties")) {
      return "object";
    }
    throw cannot(path, "one type is needed");
  }

  private boolean takesNull(JsonNode node) {
    for (JsonNode each : node.path("type")) {
      if (each.asText().equals("null")) {
        return true;
      }
    }
    return false;
  }

  private IllegalArgumentException cannot(String path, String why) {
    String at = path.isEmpty() ? "" : " at " + path.substring(1);
    return new IllegalArgumentException(
        "Cannot make columns from the JSON Schema " + file + at + ": " + why);
  }
}
