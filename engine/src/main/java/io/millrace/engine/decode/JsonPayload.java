package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.json.JSONOptions;
import org.apache.spark.sql.catalyst.json.JacksonParser;
import org.apache.spark.sql.catalyst.util.CannotParseJSONFieldException;
import org.apache.spark.sql.catalyst.util.PartialValueException;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.immutable.Map$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** One JSON object, read with Spark's own conversions, and nothing behind it. */
record JsonPayload(StructType fields, String timeZone) implements Payload {
  @Override
  public String name() {
    return "JSON";
  }

  @Override
  public Parser parser() {
    return new Reader(fields.asNullable(), timeZone);
  }

  private static final class Reader implements Parser {
    private final StructType fields;
    private final JsonFactory factory;
    private final JsonFields whole;
    private final Map<String, Function1<JsonParser, Object>> single = new HashMap<>();
    private final JacksonParser converters;

    private Reader(StructType fields, String timeZone) {
      this.fields = fields;
      scala.collection.immutable.Map<String, String> none = Map$.MODULE$.empty();
      JSONOptions options = new JSONOptions(none, timeZone, "");
      factory = options.buildJsonFactory();
      Seq<org.apache.spark.sql.sources.Filter> filters =
          CollectionConverters.asScala(java.util.List.<org.apache.spark.sql.sources.Filter>of())
              .toSeq();
      converters = new JacksonParser(fields, options, false, filters);
      whole = new JsonFields(fields, converters::makeConverter);
    }

    @Override
    public InternalRow parse(byte[] payload) throws BadPayload {
      try (JsonParser json = factory.createParser(payload)) {
        JsonToken first = json.nextToken();
        if (first != JsonToken.START_OBJECT) {
          throw new BadPayload("Expected a JSON object, found " + word(first));
        }
        InternalRow row = whole.read(json);
        requireEnd(json);
        return row;
      } catch (BadPayload bad) {
        throw bad;
      } catch (Exception fault) {
        throw new BadPayload(reason(payload, fault));
      }
    }

    private static void requireEnd(JsonParser json) throws BadPayload {
      long end = json.currentLocation().getByteOffset();
      Optional<JsonToken> more;
      try {
        more = Optional.ofNullable(json.nextToken());
      } catch (IOException garbage) {
        throw new BadPayload(behind(end));
      }
      if (more.isPresent()) {
        throw new BadPayload(behind(end));
      }
    }

    private static String behind(long end) {
      return "Expected one JSON object, found more behind it at byte " + (end + 1);
    }

    /** Looks at field after field to find the first one that is wrong. */
    private String reason(byte[] payload, Exception fault) {
      try (JsonParser json = factory.createParser(payload)) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          JsonToken token = json.nextToken();
          String text = json.getText();
          Optional<StructField> field = field(name);
          if (field.isPresent()) {
            Optional<String> wrong = wrong(json, field.get(), token, text);
            if (wrong.isPresent()) {
              return wrong.get();
            }
          } else {
            json.skipChildren();
          }
        }
        return "Cannot read the JSON: " + message(fault);
      } catch (JsonProcessingException malformed) {
        return malformed(malformed);
      } catch (IOException unreadable) {
        return "Expected JSON in UTF-8, found other bytes: " + message(unreadable);
      }
    }

    private Optional<StructField> field(String name) {
      return fields.getFieldIndex(name).isDefined()
          ? Optional.of(fields.apply(name))
          : Optional.empty();
    }

    private Optional<String> wrong(JsonParser json, StructField field, JsonToken token, String text)
        throws IOException {
      Function1<JsonParser, Object> converter =
          single.computeIfAbsent(field.name(), name -> converters.makeConverter(field.dataType()));
      try {
        converter.apply(json);
        return Optional.empty();
      } catch (Exception fault) {
        if (fault instanceof com.fasterxml.jackson.core.JsonParseException malformed) {
          throw malformed;
        }
        return Optional.of(wrong(field, token, text, fault));
      }
    }

    private static String wrong(StructField field, JsonToken token, String text, Exception fault) {
      Throwable cause = fault;
      while (cause instanceof PartialValueException partial) {
        cause = partial.cause();
      }
      if (cause instanceof CannotParseJSONFieldException inner
          && (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY)
          && !field.name().equals(inner.fieldName())) {
        return "Expected %s for %s in %s, found %s"
            .formatted(
                inner.dataType().simpleString(),
                Optional.ofNullable(inner.fieldName()).orElse("an element"),
                field.name(),
                found(inner.jsonType(), inner.fieldValue()));
      }
      String nested =
          token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY ? detail(cause) : "";
      return "Expected %s for %s, found %s%s"
          .formatted(field.dataType().simpleString(), field.name(), found(token, text), nested);
    }

    private static String detail(Throwable cause) {
      if (cause instanceof CannotParseJSONFieldException) {
        return "";
      }
      // Spark's own parser stumbles over the gap that a wrong value leaves in a map.
      return cause instanceof IllegalArgumentException
          ? " with other values"
          : ": " + message(cause);
    }

    private static String found(JsonToken token, String text) {
      return switch (token) {
        case VALUE_STRING -> BadPayload.quoted(text);
        case START_OBJECT, START_ARRAY -> word(token);
        default -> BadPayload.shortened(text);
      };
    }

    private static String word(@org.jspecify.annotations.Nullable JsonToken token) {
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

    private static String malformed(JsonProcessingException fault) {
      long at = fault.getLocation() == null ? 0 : fault.getLocation().getByteOffset();
      String message = Optional.ofNullable(fault.getOriginalMessage()).orElse("it is malformed");
      return "Expected JSON, found a fault at byte "
          + (at + 1)
          + ": "
          + message.lines().findFirst().orElse("it is malformed");
    }

    private static String message(Throwable fault) {
      String message =
          fault instanceof JsonProcessingException json
              ? json.getOriginalMessage()
              : fault.getMessage();
      return Optional.ofNullable(message)
          .flatMap(text -> text.lines().findFirst())
          .orElse(fault.getClass().getSimpleName());
    }
  }
}
