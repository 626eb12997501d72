package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.engine.decode.Payload.BadPayload;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Function1;

/** The fields of one JSON object. */
final class JsonFields {
  private static final int MICROS = 1_000_000;

  private final StructType fields;
  private final String within;
  private final String[] names;
  private final Converter[] converters;
  private final Map<String, Integer> places = new HashMap<>();

  /** Reads the value at which the parser stands. */
  @FunctionalInterface
  interface Converter {
    @Nullable Object read(JsonParser json) throws IOException, BadPayload;
  }

  /**
   * @param within what stands behind the name of a field in a sentence, if it is not at the top
   */
  JsonFields(StructType fields, String within, Function<StructField, Converter> converters) {
    this.fields = fields;
    this.within = within;
    this.names = fields.fieldNames();
    List<Converter> all = new ArrayList<>();
    for (StructField field : fields.fields()) {
      places.put(field.name(), all.size());
      all.add(converters.apply(field));
    }
    this.converters = all.toArray(Converter[]::new);
  }

  /** Reads up to the end of the object whose start the parser stands at. */
  InternalRow read(JsonParser json) throws IOException, BadPayload {
    @Nullable Object[] values = new @Nullable Object[names.length];
    int next = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      int place = place(json.currentName(), next);
      JsonToken token = json.nextToken();
      if (place < 0) {
        json.skipChildren();
      } else {
        try {
          values[place] = converters[place].read(json);
        } catch (Exception fault) { // Scala throws what it does not declare.
          throw refused(place, token, json, fault);
        }
        next = place + 1;
      }
    }
    return new GenericInternalRow(values);
  }

  private BadPayload refused(int place, JsonToken token, JsonParser json, Exception fault)
      throws IOException {
    if (fault instanceof BadPayload known) {
      return known;
    }
    if (fault instanceof JsonParseException malformed) {
      throw malformed;
    }
    return new BadPayload(
        JsonFault.wrong(fields.apply(place), within, token, json.getText(), fault));
  }

  /** Most payloads have their fields in the order of the schema. */
  private int place(String name, int next) {
    if (next < names.length && names[next].equals(name)) {
      return next;
    }
    return places.getOrDefault(name, -1);
  }

  /**
   * Values in their usual form are read at once; all others, and all that are wrong, by Spark's own
   * converter, whose rules hold for every value.
   */
  static Converter usual(DataType type, Function1<JsonParser, Object> spark) {
    if (type.equals(DataTypes.StringType)) {
      return json ->
          json.hasToken(JsonToken.VALUE_STRING)
              ? UTF8String.fromString(json.getText())
              : spark.apply(json);
    }
    if (type.equals(DataTypes.LongType)) {
      return json ->
          json.hasToken(JsonToken.VALUE_NUMBER_INT) ? json.getLongValue() : spark.apply(json);
    }
    if (type.equals(DataTypes.IntegerType)) {
      return json ->
          json.hasToken(JsonToken.VALUE_NUMBER_INT) ? json.getIntValue() : spark.apply(json);
    }
    if (type.equals(DataTypes.DoubleType)) {
      return json ->
          json.hasToken(JsonToken.VALUE_NUMBER_FLOAT) ? json.getDoubleValue() : spark.apply(json);
    }
    if (type.equals(DataTypes.TimestampType)) {
      return json -> {
        OptionalLong micros =
            json.hasToken(JsonToken.VALUE_STRING)
                ? utc(json.getTextCharacters(), json.getTextOffset(), json.getTextLength())
                : OptionalLong.empty();
        return micros.isPresent() ? (Object) micros.getAsLong() : spark.apply(json);
      };
    }
    return spark::apply;
  }

  /**
   * Microseconds since 1970 of a time such as {@code 2026-01-31T23:59:59.123Z}: with all its parts,
   * at most six digits of a second, and in UTC. Empty for any other text.
   */
  static OptionalLong utc(char[] text, int from, int length) {
    if (length < 20
        || length > 27
        || length == 21
        || text[from + length - 1] != 'Z'
        || text[from + 4] != '-'
        || text[from + 7] != '-'
        || (text[from + 10] != 'T' && text[from + 10] != ' ')
        || text[from + 13] != ':'
        || text[from + 16] != ':'
        || (length > 20 && text[from + 19] != '.')) {
      return OptionalLong.empty();
    }
    int year = digits(text, from, 4);
    int month = digits(text, from + 5, 2);
    int day = digits(text, from + 8, 2);
    int hour = digits(text, from + 11, 2);
    int minute = digits(text, from + 14, 2);
    int second = digits(text, from + 17, 2);
    int fraction = length > 20 ? digits(text, from + 20, length - 21) : 0;
    if ((year | month | day | hour | minute | second | fraction) < 0
        || hour > 23
        || minute > 59
        || second > 59) {
      return OptionalLong.empty();
    }
    for (int i = length > 20 ? length - 21 : 6; i < 6; i++) {
      fraction *= 10;
    }
    try {
      long days = LocalDate.of(year, month, day).toEpochDay();
      long seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
      return OptionalLong.of(seconds * MICROS + fraction);
    } catch (DateTimeException noSuchDay) {
      return OptionalLong.empty();
    }
  }

  /** A number of that many digits; negative if there is anything else. */
  private static int digits(char[] text, int from, int count) {
    int number = 0;
    for (int i = from; i < from + count; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
