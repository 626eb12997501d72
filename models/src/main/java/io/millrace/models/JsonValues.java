package io.millrace.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The values of columns as JSON, each so that it comes back with the same bits. What JSON has no
 * number for, such as NaN, is a text.
 */
final class JsonValues {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonValues() {}

  /**
   * A value as JSON.
   *
   * @throws IllegalArgumentException with a sentence, if there is no way to write it
   */
  static JsonNode write(@Nullable Object value) {
    if (value == null) {
      return JSON.nullNode();
    } else if (value instanceof Double || value instanceof Float) {
      return floating((Number) value);
    } else if (value instanceof BigDecimal) {
      return JSON.textNode(value.toString());
    } else if (value instanceof Number whole) {
      return JSON.numberNode(whole.longValue());
    } else if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    } else if (value instanceof byte[] bytes) {
      return JSON.binaryNode(bytes);
    } else if (value instanceof Vector vector) {
      return vector(vector);
    } else if (value instanceof Iterable<?> values) {
      return array(CollectionConverters.asJava(values));
    }
    return JSON.textNode(text(value));
  }

  /**
   * The value in a JSON that {@link #write} made of this type.
   *
   * @throws IOException if it is none
   */
  static @Nullable Object read(JsonNode json, DataType type) throws IOException {
    if (json.isNull()) {
      return null;
    } else if (type.equals(SQLDataTypes.VectorType())) {
      return vector(json);
    } else if (type instanceof ArrayType array) {
      List<@Nullable Object> values = new ArrayList<>();
      for (JsonNode value : json) {
        values.add(read(value, array.elementType()));
      }
      return CollectionConverters.asScala(values).toSeq();
    } else if (type instanceof DecimalType) {
      return new BigDecimal(json.asText());
    } else if (type.equals(DataTypes.BinaryType)) {
      return json.binaryValue();
    }
    return plain(json, type);
  }

  private static Object plain(JsonNode json, DataType type) {
    String text = json.asText();
    return switch (type.typeName()) {
      case "boolean" -> Boolean.valueOf(text);
      case "byte" -> Byte.valueOf(text);
      case "short" -> Short.valueOf(text);
      case "integer" -> Integer.valueOf(text);
      case "long" -> Long.valueOf(text);
      case "float" -> Float.valueOf(text);
      case "double" -> Double.valueOf(text);
      case "date" -> LocalDate.parse(text);
      case "timestamp" -> Instant.parse(text);
      case "timestamp_ntz" -> LocalDateTime.parse(text);
      case "string" -> text;
      default -> throw unknown(type.simpleString());
    };
  }

  private static JsonNode floating(Number value) {
    if (!Double.isFinite(value.doubleValue())) {
      return JSON.textNode(value.toString());
    }
    return value instanceof Float number
        ? JSON.numberNode(number)
        : JSON.numberNode(value.doubleValue());
  }

  private static String text(Object value) {
    if (value instanceof java.sql.Timestamp time) {
      return time.toInstant().toString();
    } else if (value instanceof java.sql.Date date) {
      return date.toLocalDate().toString();
    } else if (value instanceof String
        || value instanceof Instant
        || value instanceof LocalDate
        || value instanceof LocalDateTime) {
      return value.toString();
    }
    throw unknown(value.getClass().getSimpleName());
  }

  private static JsonNode array(java.lang.Iterable<?> values) {
    ArrayNode array = JSON.arrayNode();
    values.forEach(value -> array.add(write(value)));
    return array;
  }

  private static JsonNode vector(Vector vector) {
    if (!(vector instanceof SparseVector sparse)) {
      return numbers(vector.toArray());
    }
    ObjectNode json = JSON.objectNode().put("size", sparse.size());
    ArrayNode indices = json.putArray("indices");
    IntStream.of(sparse.indices()).forEach(indices::add);
    json.set("values", numbers(sparse.values()));
    return json;
  }

  private static ArrayNode numbers(double[] values) {
    ArrayNode array = JSON.arrayNode();
    for (double value : values) {
      array.add(floating(value));
    }
    return array;
  }

  private static Vector vector(JsonNode json) {
    if (json.isArray()) {
      return Vectors.dense(numbers(json));
    }
    int[] indices = new int[json.path("indices").size()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = json.path("indices").path(i).intValue();
    }
    return Vectors.sparse(json.path("size").intValue(), indices, numbers(json.path("values")));
  }

  private static double[] numbers(JsonNode json) {
    double[] values = new double[json.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.parseDouble(json.path(i).asText());
    }
    return values;
  }

  private static IllegalArgumentException unknown(String type) {
    return new IllegalArgumentException(
        "Cannot keep a golden row with a value of type "
            + type
            + ". Make numbers, texts, times, vectors or arrays of it in a step before");
  }
}
