package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What Spark wrote of a stage as text: its class and its params. Nothing that it names is
 * initialised.
 *
 * @param folder of the stage, from that of the pipeline; empty for the pipeline itself
 */
record StageText(String folder, String className, JsonNode json) {
  /** Strict, so that Spark cannot read another value than was checked. */
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final List<String> PARAMS = List.of("defaultParamMap", "paramMap");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]+");

  /**
   * The text in these bytes.
   *
   * @throws IllegalArgumentException with a sentence, if it is no such text
   */
  static StageText of(String folder, byte[] content) {
    JsonNode json = parsed(new String(content, StandardCharsets.UTF_8));
    JsonNode className = json.path("class");
    if (!className.isTextual()) {
      throw new IllegalArgumentException("it does not name a class");
    }
    for (String map : PARAMS) {
      if (json.has(map) && !json.path(map).isObject()) {
        throw new IllegalArgumentException("its " + map + " does not name params");
      }
    }
    return new StageText(folder, className.textValue(), json);
  }

  /**
   * The JSON of a text, of which nothing is named twice and after which nothing comes.
   *
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  static JsonNode parsed(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON", e);
    }
  }

  /** Folders that Spark will read the stage's parts from, as far as the text itself names them. */
  List<String> named() {
    List<String> names = new ArrayList<>();
    JsonNode params = json.path("paramMap");
    params.path("stageUids").forEach(uid -> names.add(uid.asText()));
    for (JsonNode map : params.path("estimatorParamMaps")) {
      for (JsonNode param : map) {
        if (!param.path("isJson").asText("true").equalsIgnoreCase("true")) {
          names.add(unquoted(param.path("value").asText()));
        }
      }
    }
    return names;
  }

  /** Whether a name of a folder stays where it is looked for. */
  static boolean stays(String name) {
    return PLAIN.matcher(name).matches();
  }

  /**
   * The params by name, also those that nobody set, each as JSON. The name of the stage itself,
   * which is another at every training, is left out of them.
   */
  SortedMap<String, String> params() {
    String own = json.path("uid").asText() + "__";
    SortedMap<String, String> params = new TreeMap<>();
    for (String map : PARAMS) {
      for (Map.Entry<String, JsonNode> param : json.path(map).properties()) {
        params.put(param.getKey(), param.getValue().toString().replace(own, ""));
      }
    }
    return params;
  }

  private static String unquoted(String json) {
    return json.startsWith("\"") && json.endsWith("\"") && json.length() > 1
        ? json.substring(1, json.length() - 1)
        : json;
  }
}
