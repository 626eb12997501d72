package io.millrace.sinks.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;

/** The values of rows as texts, whatever a client of a sink gives. */
public final class Texts {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Texts() {}

  /** The values of each row as texts, without those that are null. */
  public static List<Map<String, String>> list(Dataset<Row> rows) {
    String[] columns = new String[rows.columns().length];
    for (int at = 0; at < columns.length; at++) {
      StructField field = rows.schema().fields()[at];
      String form = "cast(`%s` as string) `%s`";
      if (field.dataType() instanceof BinaryType) {
        form = "base64(`%s`) `%s`";
      } else if (json(field.dataType())) {
        form = "to_json(`%s`) `%s`";
      }
      columns[at] = form.formatted(field.name(), field.name());
    }
    List<Map<String, String>> all = new ArrayList<>();
    for (Row row : rows.selectExpr(columns).collectAsList()) {
      Map<String, String> values = new TreeMap<>();
      for (int at = 0; at < columns.length; at++) {
        if (!row.isNullAt(at)) {
          values.put(rows.columns()[at], row.getString(at));
        }
      }
      all.add(values);
    }
    return all;
  }

  /** The members of a JSON object as texts, without those that are null. */
  public static Map<String, String> members(String object) {
    Map<String, String> values = new TreeMap<>();
    tree(object)
        .properties()
        .forEach(
            member -> {
              JsonNode value = member.getValue();
              if (!value.isNull()) {
                values.put(member.getKey(), value.isTextual() ? value.asText() : value.toString());
              }
            });
    return values;
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean json(DataType type) {
    return type instanceof StructType
        || type instanceof ArrayType
        || type instanceof MapType
        || type instanceof VariantType;
  }
}
