package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How a connector writes a column, by the schema that Kafka Connect's JsonConverter puts beside a
 * change.
 *
 * @param type such as int64
 * @param name what a value of that type means, such as io.debezium.time.Timestamp; empty for plain
 *     ones
 * @param scale of a decimal
 */
record ConnectField(String type, String name, OptionalInt scale) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What its values mean: its name, nothing for plain values, and for bytes that they are such. */
  String meaning() {
    return name.isEmpty() && type.equals("bytes") ? type : name;
  }

  /**
   * The columns of the row that a schema of a change describes, by their names.
   *
   * @param schema a parser in front of it
   */
  static Map<String, ConnectField> columns(JsonParser schema) throws IOException {
    Map<String, ConnectField> columns = new HashMap<>();
    JsonNode envelope = JSON.readTree(schema);
    for (String image : List.of("before", "after")) {
      for (JsonNode field : envelope.path("fields")) {
        if (field.path("field").asText().equals(image)) {
          field.path("fields").forEach(each -> columns.put(each.path("field").asText(), of(each)));
        }
      }
    }
    return columns;
  }

  private static ConnectField of(JsonNode field) {
    String scale = field.path("parameters").path("scale").asText();
    return new ConnectField(
        field.path("type").asText(),
        field.path("name").asText(),
        scale.matches("-?[0-9]{1,5}")
            ? OptionalInt.of(Integer.parseInt(scale))
            : OptionalInt.empty());
  }
}
