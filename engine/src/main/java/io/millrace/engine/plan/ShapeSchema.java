package io.millrace.engine.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * JSON Schema of shapes: what it describes is what {@link Binder} takes. A settings record becomes
 * one definition, so that records may hold themselves.
 */
final class ShapeSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String VARIABLE = "\\$\\{[^}]+\\}";

  private final SortedMap<String, ObjectNode> definitions = new TreeMap<>();
  private final Map<Class<?>, String> names = new HashMap<>();

  /** The definitions that the schemas so far refer to. */
  ObjectNode definitions() {
    ObjectNode all = object();
    definitions.forEach(all::set);
    return all;
  }

  ObjectNode of(Shape shape) {
    if (shape instanceof Shape.Maybe maybe) {
      return of(maybe.shape());
    }
    if (shape instanceof Shape.Group group) {
      return object().put("$ref", "#/$defs/" + define(group));
    }
    if (shape instanceof Shape.OneOf oneOf) {
      return oneOf(oneOf);
    }
    if (shape instanceof Shape.Items items) {
      return object().put("type", "array").set("items", of(items.item()));
    }
    if (shape instanceof Shape.Entries entries) {
      return object().put("type", "object").set("additionalProperties", of(entries.value()));
    }
    return shape instanceof Shape.Scalar scalar
        ? scalar(scalar)
        : words(((Shape.Choice) shape).constants().keySet());
  }

  /** The schema of a setting with its help. */
  ObjectNode of(Setting setting) {
    ObjectNode schema = of(setting.shape());
    if (!setting.meaning().isEmpty()) {
      schema.put("description", setting.meaning());
    }
    setting.fallback().ifPresent(text -> fallback(schema, setting.shape(), text));
    return schema;
  }

  /** A string from a closed list, or a variable. */
  static ObjectNode words(Collection<String> words) {
    ObjectNode closed = object();
    words.forEach(closed.putArray("enum")::add);
    return anyOf(closed, pattern(VARIABLE));
  }

  static ObjectNode pattern(String pattern) {
    return object().put("type", "string").put("pattern", pattern);
  }

  static ObjectNode anyOf(ObjectNode... choices) {
    ObjectNode schema = object();
    schema.putArray("anyOf").addAll(List.of(choices));
    return schema;
  }

  static ObjectNode object() {
    return JSON.objectNode();
  }

  /** A map with these keys and no other. */
  static ObjectNode closed(ObjectNode properties) {
    ObjectNode schema = object().put("type", "object");
    schema.set("properties", properties);
    return schema.put("additionalProperties", false);
  }

  private static ObjectNode scalar(Shape.Scalar scalar) {
    return switch (scalar) {
      case TEXT -> types("string", "number", "boolean");
      case INT -> anyOf(range(Integer.MIN_VALUE, Integer.MAX_VALUE), written("[-+]?[0-9]+"));
      case LONG -> anyOf(range(Long.MIN_VALUE, Long.MAX_VALUE), written("[-+]?[0-9]+"));
      case DECIMAL ->
          anyOf(types("number"), written("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"));
      case TRUTH -> anyOf(types("boolean"), written("[Tt]rue|TRUE|[Ff]alse|FALSE"));
      case DURATION -> written("[0-9]+(ms|s|m|h|d)");
      case SIZE -> written("[0-9]+(B|KB|MB|GB|TB)");
      case SECRET -> pattern("^\\$\\{[^${}]+\\}$");
    };
  }

  private static ObjectNode range(long least, long most) {
    return object().put("type", "integer").put("minimum", least).put("maximum", most);
  }

  /** Text of this pattern, or any text with a variable in it. */
  private static ObjectNode written(String pattern) {
    return pattern("^(" + pattern + ")$|" + VARIABLE);
  }

  private static ObjectNode types(String... types) {
    ObjectNode schema = object();
    if (types.length == 1) {
      return schema.put("type", types[0]);
    }
    ArrayNode names = schema.putArray("type");
    List.of(types).forEach(names::add);
    return schema;
  }

  private ObjectNode oneOf(Shape.OneOf shape) {
    ObjectNode properties = object();
    shape.groups().forEach((name, group) -> properties.set(name, of(group)));
    ObjectNode map = closed(properties).put("minProperties", 1).put("maxProperties", 1);
    return shape.bare().isEmpty() ? map : anyOf(words(shape.bare()), map);
  }

  private String define(Shape.Group group) {
    String known = names.get(group.type());
    if (known != null) {
      return known;
    }
    String name = free(group.type());
    names.put(group.type(), name);
    definitions.put(name, object());
    definitions.put(name, definition(group));
    return name;
  }

  private String free(Class<?> type) {
    String full = type.getName().replace('$', '.');
    String near = type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    return definitions.containsKey(near) ? full : near;
  }

  private ObjectNode definition(Shape.Group group) {
    List<Setting> settings = group.settings();
    ObjectNode properties = object();
    settings.forEach(setting -> properties.set(setting.key(), of(setting)));
    ObjectNode map = closed(properties);
    List<Setting> needed = settings.stream().filter(setting -> !setting.optional()).toList();
    if (!needed.isEmpty()) {
      ArrayNode required = map.putArray("required");
      needed.forEach(setting -> required.add(setting.key()));
    }
    ArrayNode choices = JSON.arrayNode().add(map);
    group.shorthand().ifPresent(setting -> choices.add(of(setting)));
    if (needed.isEmpty()) {
      choices.add(types("null"));
    }
    return choices.size() == 1 ? map : object().set("anyOf", choices);
  }

  private static void fallback(ObjectNode schema, Shape shape, String text) {
    if (shape instanceof Shape.Maybe maybe) {
      fallback(schema, maybe.shape(), text);
    } else if (shape == Shape.Scalar.INT || shape == Shape.Scalar.LONG) {
      schema.put("default", Long.parseLong(text));
    } else if (shape == Shape.Scalar.DECIMAL) {
      schema.put("default", Double.parseDouble(text));
    } else if (shape == Shape.Scalar.TRUTH) {
      schema.put("default", Boolean.parseBoolean(text));
    } else {
      schema.put("default", text);
    }
  }
}
