package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonToken;
import io.millrace.engine.decode.JsonFields.Converter;
import io.millrace.engine.decode.Payload.BadPayload;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * How columns of a changed row are read for which JSON has no form: times, dates and decimals. The
 * schema beside the change tells what a value is, else the settings do; nothing is guessed.
 *
 * @param written the columns by that schema, empty where there is none
 * @param within what stands behind the name of a column in a sentence
 */
record ChangeValues(
    Map<String, ConnectField> written,
    Optional<Epoch> times,
    Optional<Decimals> decimals,
    String within) {
  private static final String FORM = "form";
  private static final String CONNECT = "org.apache.kafka.connect.data.";
  private static final String TIME = "io.debezium.time.";
  private static final String VARIABLE = "io.debezium.data.VariableScaleDecimal";

  private static final Map<String, Epoch> EPOCHS =
      Map.of(
          TIME + "Timestamp",
          Epoch.MILLIS,
          CONNECT + "Timestamp",
          Epoch.MILLIS,
          TIME + "MicroTimestamp",
          Epoch.MICROS,
          TIME + "NanoTimestamp",
          Epoch.NANOS);
  private static final Set<String> TEXTS = Set.of(TIME + "ZonedTimestamp", TIME + "IsoTimestamp");
  private static final Set<String> DATES =
      Set.of(TIME + "Date", CONNECT + "Date", TIME + "IsoDate");
  private static final Set<String> NUMBERS = Set.of(CONNECT + "Decimal", VARIABLE);

  private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
  private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();
  private static final int DATE_LENGTH = 10;

  /** Whether values of a type need more than JSON tells. */
  static boolean special(DataType type) {
    return type.equals(DataTypes.TimestampType)
        || type.equals(DataTypes.TimestampNTZType)
        || type instanceof DecimalType;
  }

  /**
   * How a column is read.
   *
   * @param usual how Spark reads it from JSON, for all values that say themselves what they are
   */
  Converter converter(StructField column, Converter usual) {
    @Nullable ConnectField field = written.get(column.name());
    String name = field == null ? "" : field.meaning();
    if (column.dataType() instanceof DecimalType type) {
      return name.isEmpty() || NUMBERS.contains(name)
          ? decimal(column, type, field, usual)
          : other(column, name);
    }
    if (column.dataType().equals(DataTypes.DateType)) {
      return name.isEmpty() || DATES.contains(name) ? date(column, usual) : other(column, name);
    }
    if (special(column.dataType())) {
      return name.isEmpty() || EPOCHS.containsKey(name) || TEXTS.contains(name)
          ? time(column, Optional.ofNullable(EPOCHS.get(name)), usual)
          : other(column, name);
    }
    return usual;
  }

  private Converter other(StructField column, String name) {
    return json -> {
      if (json.hasToken(JsonToken.VALUE_NULL)) {
        return null;
      }
      throw new BadPayload(
          FORM,
          "Expected %s for %s, found %s by the schema of the change. Declare it as %s"
              .formatted(column.dataType().simpleString(), place(column), name, fitting(name)));
    };
  }

  private static String fitting(String name) {
    if (EPOCHS.containsKey(name) || TEXTS.contains(name)) {
      return "timestamp";
    }
    if (DATES.contains(name)) {
      return "date";
    }
    return NUMBERS.contains(name) ? "decimal" : "string, bigint or binary";
  }

  private Converter time(StructField column, Optional<Epoch> told, Converter usual) {
    return json -> {
      if (!json.hasToken(JsonToken.VALUE_NUMBER_INT)) {
        return usual.read(json);
      }
      long number = json.getLongValue();
      Epoch unit = told.isPresent() ? told.get() : declared(column, number);
      return unit.micros(number)
          .orElseThrow(
              () ->
                  new BadPayload(
                      "Expected a time of the years 0001 to 9999 for %s, found %d"
                          .formatted(place(column), number)));
    };
  }

  /** The unit that the settings tell, unless a time tells of another one. */
  private Epoch declared(StructField column, long number) throws BadPayload {
    if (number == 0) {
      return Epoch.MILLIS; // In each unit it is the same.
    }
    if (times.isEmpty()) {
      throw new BadPayload(
          FORM,
          "Cannot tell the unit of %s, found %d. Say times: millis, micros or nanos, or let the connector write its schema"
              .formatted(place(column), number));
    }
    Epoch unit = times.get();
    Optional<Epoch> coarsest = Epoch.coarsest(number);
    if (coarsest.filter(unit::equals).isPresent() && unit.likely(number)) {
      return unit;
    }
    throw new BadPayload(
        FORM,
        "Expected %s for %s, found %d, which would be %s%s. Correct times, or let the connector write its schema"
            .formatted(
                word(unit),
                place(column),
                number,
                unit.instant(number),
                coarsest
                    .filter(other -> other != unit)
                    .map(other -> ", and in " + word(other) + " is " + other.instant(number))
                    .orElse("")));
  }

  private static String word(Epoch unit) {
    return unit.name().toLowerCase(Locale.ROOT);
  }

  private Converter date(StructField column, Converter usual) {
    return json -> {
      if (json.hasToken(JsonToken.VALUE_NUMBER_INT)) {
        long days = json.getLongValue();
        if (days < FIRST_DAY || days > LAST_DAY) {
          throw new BadPayload(
              FORM, "Expected days since 1970 for %s, found %d".formatted(place(column), days));
        }
        return (int) days;
      }
      Optional<Integer> utc =
          json.hasToken(JsonToken.VALUE_STRING) ? utc(json.getText()) : Optional.empty();
      return utc.isPresent() ? (Object) utc.get() : usual.read(json);
    };
  }

  /** The days of a date with its zone, which Spark does not read: {@code 2026-01-31Z}. */
  private static Optional<Integer> utc(String text) {
    if (text.length() != DATE_LENGTH + 1 || text.charAt(DATE_LENGTH) != 'Z') {
      return Optional.empty();
    }
    try {
      return Optional.of((int) LocalDate.parse(text.substring(0, DATE_LENGTH)).toEpochDay());
    } catch (DateTimeException noSuchDay) {
      return Optional.empty();
    }
  }

  private Converter decimal(
      StructField column, DecimalType type, @Nullable ConnectField field, Converter usual) {
    return json ->
        switch (json.currentToken()) {
          case VALUE_STRING -> {
            String text = json.getText();
            yield exact(column, type, text(column, type, field, text), BadPayload.quoted(text));
          }
          case START_OBJECT ->
              exact(column, type, ConnectDecimal.variable(json), "no scale and value");
          default -> usual.read(json);
        };
  }

  private Optional<BigDecimal> text(
      StructField column, DecimalType type, @Nullable ConnectField field, String text)
      throws BadPayload {
    if (field != null && !field.meaning().isEmpty()) {
      if (field.scale().isEmpty()) {
        throw new BadPayload(
            FORM,
            "Missing parameters.scale for %s in the schema of the change".formatted(place(column)));
      }
      return ConnectDecimal.unscaled(text, field.scale().getAsInt());
    }
    if (field != null) {
      return ConnectDecimal.number(text);
    }
    Decimals how =
        decimals.orElseThrow(
            () ->
                new BadPayload(
                    FORM,
                    "Cannot tell what %s is for %s: a number, or Base64 of one. Say decimals: string or precise, or let the connector write its schema"
                        .formatted(BadPayload.quoted(text), place(column))));
    return switch (how) {
      case PRECISE -> ConnectDecimal.unscaled(text, type.scale());
      case STRING -> ConnectDecimal.number(text);
    };
  }

  private Object exact(
      StructField column, DecimalType type, Optional<BigDecimal> value, String otherwise)
      throws BadPayload {
    return value
        .flatMap(number -> ConnectDecimal.exact(number, type))
        .orElseThrow(
            () ->
                new BadPayload(
                    "Expected %s for %s, found %s"
                        .formatted(
                            type.simpleString(),
                            place(column),
                            value.map(BigDecimal::toString).orElse(otherwise))));
  }

  private String place(StructField column) {
    return column.name() + within;
  }
}
