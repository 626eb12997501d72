package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.engine.decode.JsonFields.Converter;
import io.millrace.engine.decode.Payload.BadPayload;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.json.JSONOptions;
import org.apache.spark.sql.catalyst.json.JacksonParser;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/** Payloads of one JSON object each, with nothing behind it, as Spark reads JSON. */
final class JsonObjects {
  private final JsonFactory factory;
  private final JacksonParser spark;

  JsonObjects(String timeZone) {
    scala.collection.immutable.Map<String, String> none = Map$.MODULE$.empty();
    JSONOptions options = new JSONOptions(none, timeZone, "");
    factory = options.buildJsonFactory();
    spark =
        new JacksonParser(
            new StructType(),
            options,
            false,
            CollectionConverters.asScala(List.<Filter>of()).toSeq());
  }

  /** How Spark reads a field. */
  Converter usual(StructField field) {
    return JsonFields.usual(field.dataType(), spark.makeConverter(field.dataType()));
  }

  /** A parser at the start of a payload, which has to be closed. */
  JsonParser open(byte[] payload) throws IOException {
    return factory.createParser(payload);
  }

  InternalRow read(byte[] payload, JsonFields fields) throws BadPayload {
    try (JsonParser json = open(payload)) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw new BadPayload("Expected a JSON object, found " + JsonFault.word(first));
      }
      InternalRow row = fields.read(json);
      requireEnd(json);
      return row;
    } catch (JsonProcessingException malformed) {
      throw new BadPayload(JsonFault.malformed(malformed));
    } catch (IOException unreadable) {
      throw new BadPayload(
          "Expected JSON in UTF-8, found other bytes: " + JsonFault.message(unreadable));
    } catch (RuntimeException unforeseen) {
      throw new BadPayload("Cannot read the JSON: " + JsonFault.message(unforeseen));
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
}
