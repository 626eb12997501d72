package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.engine.decode.Payload.BadPayload;
import java.util.Optional;
import org.apache.spark.sql.catalyst.util.CannotParseJSONFieldException;
import org.apache.spark.sql.catalyst.util.PartialValueException;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/** What is wrong with JSON, in a sentence. */
final class JsonFault {
  private JsonFault() {}

  /**
   * A field whose value Spark's converter refused.
   *
   * @param within what stands behind its name
   * @param token the first of the value
   * @param text of the value, if it has one token
   */
  static String wrong(
      StructField field, String within, JsonToken token, String text, Exception fault) {
    Throwable cause = fault;
    while (cause instanceof PartialValueException partial) {
      cause = partial.cause();
    }
    if (cause instanceof CannotParseJSONFieldException inner
        && nested(token)
        && !field.name().equals(inner.fieldName())) {
      return "Expected %s for %s in %s%s, found %s"
          .formatted(
              inner.dataType().simpleString(),
              Optional.ofNullable(inner.fieldName()).orElse("an element"),
              field.name(),
              within,
              found(inner.jsonType(), inner.fieldValue()));
    }
    return "Expected %s for %s%s, found %s%s"
        .formatted(
            field.dataType().simpleString(),
            field.name(),
            within,
            found(token, text),
            nested(token) ? detail(cause) : "");
  }

  private static boolean nested(JsonToken token) {
    return token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
  }

  private static String detail(Throwable cause) {
    if (cause instanceof CannotParseJSONFieldException) {
      return "";
    }
    // Spark's own parser stumbles over the gap that a wrong value leaves in a map.
    return cause instanceof IllegalArgumentException ? " with other values" : ": " + message(cause);
  }

  private static String found(JsonToken token, String text) {
    return switch (token) {
      case VALUE_STRING -> BadPayload.quoted(text);
      case START_OBJECT, START_ARRAY -> word(token);
      default -> BadPayload.shortened(text);
    };
  }

  /** What a value is. */
  static String word(@Nullable JsonToken token) {
    if (token == null) {
      return "an empty value";
    }
    return switch (token) {
      case START_ARRAY -> "an array";
      case START_OBJECT -> "an object";
      case VALUE_STRING -> "a text";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      default -> "a number";
    };
  }

  /** A text that is no JSON. */
  static String malformed(JsonProcessingException fault) {
    long at = fault.getLocation() == null ? 0 : fault.getLocation().getByteOffset();
    String message = Optional.ofNullable(fault.getOriginalMessage()).orElse("it is malformed");
    return "Expected JSON, found a fault at byte "
        + (at + 1)
        + ": "
        + message.lines().findFirst().orElse("it is malformed");
  }

  /** The first line of what a fault says. */
  static String message(Throwable fault) {
    String message =
        fault instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : fault.getMessage();
    return Optional.ofNullable(message)
        .flatMap(text -> text.lines().findFirst())
        .orElse(fault.getClass().getSimpleName());
  }
}
