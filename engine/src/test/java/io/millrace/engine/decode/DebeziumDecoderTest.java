package io.millrace.engine.decode;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Tombstones;
import io.millrace.engine.testing.Sessions;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Option;

class DebeziumDecoderTest {
  private static final Optional<Epoch> NO_TIMES = Optional.empty();
  private static final Optional<Decimals> NO_DECIMALS = Optional.empty();

  private static DebeziumDecoder decoder(
      String ddl, String sequence, Optional<Epoch> times, Optional<Decimals> decimals) {
    return new DebeziumDecoder(
        new DebeziumDecoder.Settings(
            Optional.of(ddl), Optional.empty(), sequence, times, decimals));
  }

  private static DebeziumDecoder decoder(String ddl, String sequence) {
    return decoder(ddl, sequence, NO_TIMES, NO_DECIMALS);
  }

  /** What each change is read as by one task, or the rule that it breaks and why. */
  private static List<String> decoded(DebeziumDecoder decoder, String... changes) {
    DebeziumDecoder.Settings settings = decoder.settings();
    DebeziumPayload payload =
        new DebeziumPayload(
            decoder.row(), settings.sequence(), settings.times(), settings.decimals(), "UTC");
    Payload.Parser parser = payload.parser();
    return Arrays.stream(changes)
        .map(
            change -> {
              try {
                InternalRow row = parser.parse(change.getBytes(StandardCharsets.UTF_8));
                return new Cast(
                        new Literal(row, payload.fields()),
                        DataTypes.StringType,
                        Option.apply("UTC"),
                        EvalMode.ANSI())
                    .eval(row)
                    .toString();
              } catch (Payload.BadPayload bad) {
                return bad.rule() + ": " + bad.getMessage();
              }
            })
        .toList();
  }

  /** The same in a query of Spark. */
  private static List<String> queried(DebeziumDecoder decoder, String... changes) {
    List<Row> rows =
        Arrays.stream(changes)
            .map(text -> RowFactory.create((Object) text.getBytes(StandardCharsets.UTF_8)))
            .toList();
    return Sessions.spark()
        .createDataset(rows, Encoders.row(new StructType().add("payload", DataTypes.BinaryType)))
        .repartition(1)
        .select(decoder.decode(col("payload")).as("decoded"))
        .selectExpr(
            "if(decoded.reason is null, string(decoded.fields),"
                + " concat(decoded.rule, ': ', decoded.reason))")
        .as(Encoders.STRING())
        .collectAsList();
  }

  /** The columns of an inserted row, without what the change says of it. */
  private static String row(DebeziumDecoder decoder, String change) {
    return decoded(decoder, change)
        .get(0)
        .replaceFirst("^\\{", "")
        .replaceFirst(", insert, 7, null}$", "");
  }

  private static String inserted(String row) {
    return "{\"before\": null, \"after\": %s, \"source\": {\"lsn\": 7}, \"op\": \"c\"}"
        .formatted(row.replace('\'', '"'));
  }

  /** The schema that Kafka Connect puts beside a change of a row of these fields. */
  private static String schema(String fields) {
    String image =
        "{'type': 'struct', 'fields': [%s], 'optional': true, 'name': 'shop.public.orders.Value', 'field': '%s'}";
    return ("{'type': 'struct', 'fields': ["
            + image.formatted(fields, "before")
            + ", "
            + image.formatted(fields, "after")
            + ", {'type': 'struct', 'fields': [{'type': 'int64', 'optional': true, 'field': 'lsn'}],"
            + " 'optional': false, 'name': 'io.debezium.connector.postgresql.Source', 'field':"
            + " 'source'}, {'type': 'string', 'optional': false, 'field': 'op'}], 'optional': false,"
            + " 'name': 'shop.public.orders.Envelope', 'version': 1}")
        .replace('\'', '"');
  }

  private static String field(String name, String type, String meaning) {
    return "{'type': '%s', 'optional': true, 'name': '%s', 'version': 1, 'field': '%s'}"
        .formatted(type, meaning, name);
  }

  private static String decimal(String name, int scale) {
    return ("{'type': 'bytes', 'optional': true, 'name': 'org.apache.kafka.connect.data.Decimal',"
            + " 'version': 1, 'parameters': {'scale': '%d', 'connect.decimal.precision': '10'},"
            + " 'field': '%s'}")
        .formatted(scale, name);
  }

  private static String enveloped(String fields, String row) {
    return "{\"schema\": " + schema(fields) + ", \"payload\": " + inserted(row) + "}";
  }

  @Test
  void aChangeIsTheRowAfterItOrBeforeItsDelete() {
    String row = "{\"id\": 1, \"note\": \"a\"}";
    DebeziumDecoder decoder = decoder("id int not null, note string", "ts_ms");
    assertThat(
            queried(
                decoder,
                "{\"before\": null, \"after\": " + row + ", \"op\": \"c\", \"ts_ms\": 7}",
                "{\"schema\": {\"fields\": []}, \"payload\": {\"after\": "
                    + row
                    + ", \"op\": \"u\", \"ts_ms\": 8, \"source\": {\"ts_ms\": 1500}}}",
                "{\"before\": {}, \"after\": null, \"op\": \"d\", \"ts_ms\": 9}"))
        .containsExactly(
            "{1, a, insert, 7, null}",
            "{1, a, update, 8, 1970-01-01 00:00:01.5}",
            "{null, null, delete, 9, null}");
    assertThat(decoder.tombstones()).isEqualTo(Tombstones.DROP);
  }

  @Test
  void aChangeSaysWhatIsNotTakenOfIt() {
    assertThatThrownBy(() -> decoder("id int", "after.version"))
        .hasMessage(
            "Expected sequence to name a number beside the row, such as source.lsn, found"
                + " after.version");
    assertThatThrownBy(() -> decoder("id int, Operation string", "source.lsn"))
        .hasMessageContaining("Cannot read a column Operation: a change has one of that name.");
    assertThatThrownBy(() -> decoder("id int, tags array<timestamp>", "source.lsn"))
        .hasMessage(
            "Cannot read times and decimals within tags. Declare it as string, and take it apart in"
                + " a sql step");
    assertThat(decoder("id int not null", "source.lsn").schema().toDDL())
        .isEqualTo("id INT,operation STRING,sequence BIGINT,changed_at TIMESTAMP");
    assertThat(
            decoded(
                decoder("id int", "source.lsn"),
                "{\"op\": \"c\", \"after\": {\"id\": \"x\"}}",
                "{\"op\": \"c\", \"after\": 5}",
                "{\"schema\": null, \"payload\": 5}",
                "{\"schema\": {\"fields\": [}, \"payload\": {}}"))
        .satisfiesExactly(
            one -> assertThat(one).isEqualTo("decode: Expected int for id in after, found \"x\""),
            two -> assertThat(two).isEqualTo("decode: Expected struct<id:int> for after, found 5"),
            three -> assertThat(three).startsWith("decode: Expected struct<before:struct<id:int>"),
            four -> assertThat(four).startsWith("decode: Expected JSON, found a fault at byte"));
  }

  @Test
  void theSchemaBesideAChangeTellsWhatTimesAndDecimalsAre() {
    DebeziumDecoder decoder =
        decoder(
            "id int not null, made timestamp, at timestamp, nano timestamp, plain timestamp_ntz,"
                + " zoned timestamp, iso timestamp, day date, iso_day date, price decimal(10,2),"
                + " rate decimal(12,6), free decimal(10,3), count decimal(5,0)",
            "source.lsn");
    String fields =
        String.join(
            ", ",
            "{'type': 'int32', 'optional': false, 'field': 'id'}",
            field("made", "int64", "io.debezium.time.Timestamp"),
            field("at", "int64", "io.debezium.time.MicroTimestamp"),
            field("nano", "int64", "io.debezium.time.NanoTimestamp"),
            field("plain", "int64", "org.apache.kafka.connect.data.Timestamp"),
            field("zoned", "string", "io.debezium.time.ZonedTimestamp"),
            field("iso", "string", "io.debezium.time.IsoTimestamp"),
            field("day", "int32", "io.debezium.time.Date"),
            field("iso_day", "string", "io.debezium.time.IsoDate"),
            decimal("price", 2),
            decimal("rate", 3),
            "{'type': 'struct', 'fields': [{'type': 'int32', 'optional': false, 'field': 'scale'},"
                + " {'type': 'bytes', 'optional': false, 'field': 'value'}], 'optional': true,"
                + " 'name': 'io.debezium.data.VariableScaleDecimal', 'version': 1, 'field': 'free'}",
            "{'type': 'string', 'optional': true, 'field': 'count'}");
    String nothing =
        "{'id': 2, 'made': null, 'at': null, 'nano': null, 'plain': null, 'zoned': null,"
            + " 'iso': null, 'day': null, 'iso_day': null, 'price': null, 'rate': null,"
            + " 'free': null, 'count': null}";

    assertThat(
            row(
                decoder,
                enveloped(
                    fields,
                    "{'id': 1, 'made': 1767261600123, 'at': 1767261600123456,"
                        + " 'nano': 1767261600123456789, 'plain': -1, 'zoned':"
                        + " '2026-01-01T12:00:00.5+02:00', 'iso': '2026-01-01T10:00:00Z', 'day':"
                        + " -1, 'iso_day': '2026-01-01Z', 'price': '+y4=', 'rate': 'BNI=', 'free':"
                        + " {'scale': 1, 'value': 'ew=='}, 'count': '12345'}")))
        .isEqualTo(
            "1, 2026-01-01 10:00:00.123, 2026-01-01 10:00:00.123456, 2026-01-01 10:00:00.123456,"
                + " 1969-12-31 23:59:59.999, 2026-01-01 10:00:00.5, 2026-01-01 10:00:00,"
                + " 1969-12-31, 2026-01-01, -12.34, 1.234000, 12.300, 12345");
    assertThat(queried(decoder, enveloped(fields, "{'id': 3, 'at': 1767261600123456}")))
        .containsExactly(
            "{3, null, 2026-01-01 10:00:00.123456" + ", null".repeat(10) + ", insert, 7, null}");
    assertThat(row(decoder, enveloped(fields, nothing)))
        .isEqualTo("2" + ", null".repeat(12))
        .isEqualTo(row(decoder, inserted(nothing)));
  }

  @Test
  void theSchemaOfEachChangeCountsWhereverItStands() {
    DebeziumDecoder decoder = decoder("at timestamp", "source.lsn");
    String millis = field("at", "int64", "io.debezium.time.Timestamp");
    String micros = field("at", "int64", "io.debezium.time.MicroTimestamp");
    String row = inserted("{'at': 1767261600000}");
    assertThat(
            decoded(
                decoder,
                enveloped(millis, "{'at': 1767261600000}"),
                "{\"payload\": " + row + ", \"schema\": " + schema(micros) + "}",
                enveloped(micros, "{'at': 1767261600000}"),
                enveloped(micros, "{'at': 1767261600000}").replace('"', '\''),
                row,
                "{\"schema\": null, \"payload\": " + row + "}",
                "{\"payload\": " + row + ", \"schema\": " + schema(millis) + "}"))
        .satisfiesExactly(
            one -> assertThat(one).startsWith("{2026-01-01 10:00:00,"),
            two -> assertThat(two).startsWith("{1970-01-21 10:54:21.6,"),
            three -> assertThat(three).startsWith("{1970-01-21 10:54:21.6,"),
            quotes -> assertThat(quotes).startsWith("{1970-01-21 10:54:21.6,"),
            four -> assertThat(four).startsWith("form: Cannot tell the unit of at in after"),
            five -> assertThat(five).startsWith("form: Cannot tell the unit of at in after"),
            six -> assertThat(six).startsWith("{2026-01-01 10:00:00,"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          timestamp     | int64  | io.debezium.time.Date               | 20454                | form: Expected timestamp for x in after, found io.debezium.time.Date by the schema of the change. Declare it as date
          date          | int64  | io.debezium.time.Timestamp          | 1767261600000        | form: Expected date for x in after, found io.debezium.time.Timestamp by the schema of the change. Declare it as timestamp
          timestamp     | int64  | io.debezium.time.MicroTime          | 36000000000          | form: Expected timestamp for x in after, found io.debezium.time.MicroTime by the schema of the change. Declare it as string, bigint or binary
          date          | bytes  | org.apache.kafka.connect.data.Decimal | "BNI="             | form: Expected date for x in after, found org.apache.kafka.connect.data.Decimal by the schema of the change. Declare it as decimal
          decimal(9,2)  | bytes  |                                     | "BNI="               | form: Expected decimal(9,2) for x in after, found bytes by the schema of the change. Declare it as string, bigint or binary
          decimal(9,2)  | bytes  | org.apache.kafka.connect.data.Decimal | "BNI="             | form: Missing parameters.scale for x in after in the schema of the change
          timestamp     | int64  | io.debezium.time.MicroTimestamp     | 9223372036825200000  | decode: Expected a time of the years 0001 to 9999 for x in after, found 9223372036825200000
          timestamp     | int64  | io.debezium.time.Timestamp          | 253402300800000      | decode: Expected a time of the years 0001 to 9999 for x in after, found 253402300800000
          timestamp     | int64  | io.debezium.time.Timestamp          | 253402300799999      | 9999-12-31 23:59:59.999
          timestamp     | int64  | io.debezium.time.Timestamp          | -62135596800000      | 0001-01-01 00:00:00
          timestamp     | int64  | io.debezium.time.Timestamp          | -62135596800001      | decode: Expected a time of the years 0001 to 9999 for x in after, found -62135596800001
          timestamp     | int64  | io.debezium.time.NanoTimestamp      | -1                   | 1969-12-31 23:59:59.999999
          timestamp     | int64  | io.debezium.time.Timestamp          | 1.5                  | decode: Expected timestamp for x in after, found 1.5
          timestamp     | int64  | io.debezium.time.Timestamp          | 99999999999999999999 | decode: Expected timestamp for x in after, found 99999999999999999999
          date          | int32  | io.debezium.time.Date               | 2932896              | 9999-12-31
          date          | int32  | io.debezium.time.Date               | 2932897              | form: Expected days since 1970 for x in after, found 2932897
          date          | int32  | org.apache.kafka.connect.data.Date  | -719162              | 0001-01-01
          decimal(9,2)  | string |                                     | "1E400000000"        | decode: Expected decimal(9,2) for x in after, found 1E+400000000
          decimal(9,2)  | double |                                     | 12.345               | 12.35
          """)
  void whatTheSchemaTellsHasToFitTheColumn(
      String column, String type, String meaning, String value, String found) {
    String field =
        meaning == null
            ? "{'type': '%s', 'field': 'x'}".formatted(type)
            : field("x", type, meaning);
    assertThat(row(decoder("x " + column, "source.lsn"), enveloped(field, "{'x': " + value + "}")))
        .isEqualTo(found);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          none   | 1767261600123       | form: Cannot tell the unit of x in after, found 1767261600123. Say times: millis, micros or nanos, or let the connector write its schema
          none   | 0                   | 1970-01-01 00:00:00
          none   | "2026-01-01T10:00:00Z" | 2026-01-01 10:00:00
          millis | 1767261600123       | 2026-01-01 10:00:00.123
          micros | 1767261600123456    | 2026-01-01 10:00:00.123456
          nanos  | 1767261600123456789 | 2026-01-01 10:00:00.123456
          nanos  | "2026-01-01T10:00:00Z" | 2026-01-01 10:00:00
          micros | 0                   | 1970-01-01 00:00:00
          micros | -1262304000000000   | 1930-01-01 00:00:00
          millis | 253402214400000     | 9999-12-31 00:00:00
          micros | 1767261600123       | form: Expected micros for x in after, found 1767261600123, which would be 1970-01-21T10:54:21.600123Z, and in millis is 2026-01-01T10:00:00.123Z. Correct times, or let the connector write its schema
          millis | 1767261600123456    | form: Expected millis for x in after, found 1767261600123456, which would be +57972-04-16T16:02:03.456Z, and in micros is 2026-01-01T10:00:00.123456Z. Correct times, or let the connector write its schema
          nanos  | 1767261600123456    | form: Expected nanos for x in after, found 1767261600123456, which would be 1970-01-21T10:54:21.600123456Z, and in micros is 2026-01-01T10:00:00.123456Z. Correct times, or let the connector write its schema
          micros | 253402214400000     | form: Expected micros for x in after, found 253402214400000, which would be 1978-01-11T21:30:14.400Z, and in millis is 9999-12-31T00:00:00Z. Correct times, or let the connector write its schema
          millis | 9223372036854775807 | form: Expected millis for x in after, found 9223372036854775807, which would be +292278994-08-17T07:12:55.807Z, and in nanos is 2262-04-11T23:47:16.854775807Z. Correct times, or let the connector write its schema
          millis | 157766400000        | 1975-01-01 00:00:00
          micros | 157766400000000     | form: Expected micros for x in after, found 157766400000000, which would be 1975-01-01T00:00:00Z, and in millis is 6969-06-02T00:00:00Z. Correct times, or let the connector write its schema
          micros | 32503680000000      | form: Expected micros for x in after, found 32503680000000, which would be 1971-01-12T04:48:00Z, and in millis is 3000-01-01T00:00:00Z. Correct times, or let the connector write its schema
          millis | 32503680000000      | form: Expected millis for x in after, found 32503680000000, which would be 3000-01-01T00:00:00Z. Correct times, or let the connector write its schema
          """)
  void aNumberForATimeIsOfTheUnitThatTheSettingsTellOrADeadLetter(
      String times, String value, String found) {
    Optional<Epoch> unit =
        Arrays.stream(Epoch.values()).filter(any -> any.name().equalsIgnoreCase(times)).findFirst();
    for (String column : List.of("x timestamp", "x timestamp_ntz")) {
      if (value.startsWith("\"") && column.endsWith("ntz")) {
        continue; // Spark reads no time with a zone as one without.
      }
      assertThat(
              row(
                  decoder(column, "source.lsn", unit, NO_DECIMALS),
                  inserted("{'x': " + value + "}")))
          .isEqualTo(found);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          none    | 10,2 | "1234"                     | form: Cannot tell what "1234" is for x in after: a number, or Base64 of one. Say decimals: string or precise, or let the connector write its schema
          none    | 10,2 | 12.5                       | 12.50
          none    | 10,2 | {"value": "+y4=", "scale": 2} | -12.34
          none    | 10,2 | {"value": "+y4="}          | decode: Expected decimal(10,2) for x in after, found no scale and value
          none    | 10,2 | {"value": "AQ==", "scale": -2147483648} | decode: Expected decimal(10,2) for x in after, found 1E+2147483648
          none    | 10,2 | [1]                        | decode: Expected decimal(10,2) for x in after, found an array
          string  | 10,2 | "1234"                     | 1234.00
          string  | 10,2 | "-0.5"                     | -0.50
          string  | 10,2 | "0.125"                    | decode: Expected decimal(10,2) for x in after, found 0.125
          string  | 10,2 | "123456789"                | decode: Expected decimal(10,2) for x in after, found 123456789
          string  | 10,2 | "MDk="                     | decode: Expected decimal(10,2) for x in after, found "MDk="
          string  | 10,2 | "NaN"                      | decode: Expected decimal(10,2) for x in after, found "NaN"
          precise | 10,2 | "MDk="                     | 123.45
          precise | 10,2 | "AA=="                     | 0.00
          precise | 10,2 | "/w=="                     | -0.01
          precise | 10,2 | "gA=="                     | -1.28
          precise | 10,2 | "AIA="                     | 1.28
          precise | 2,2  | "AA=="                     | 0.00
          precise | 10,2 | "AlQL4/8="                 | 99999999.99
          precise | 10,2 | "AlQL5AA="                 | decode: Expected decimal(10,2) for x in after, found 100000000.00
          precise | 10,2 | ""                         | decode: Expected decimal(10,2) for x in after, found ""
          precise | 10,2 | "12.34"                    | decode: Expected decimal(10,2) for x in after, found "12.34"
          precise | 10,2 | "MDk"                      | decode: Expected decimal(10,2) for x in after, found "MDk"
          """)
  void aTextForADecimalIsWhatTheSettingsTellOrADeadLetter(
      String decimals, String type, String value, String found) {
    Optional<Decimals> how =
        Arrays.stream(Decimals.values())
            .filter(any -> any.name().equalsIgnoreCase(decimals))
            .findFirst();
    assertThat(
            row(
                decoder("x decimal(" + type + ")", "source.lsn", NO_TIMES, how),
                inserted("{'x': " + value + "}")))
        .isEqualTo(found);
  }

  @Test
  void theLargestAndLeastDecimalsAreRead() {
    BigInteger beyond = BigInteger.TEN.pow(38);
    BigInteger most = beyond.subtract(BigInteger.ONE);
    DebeziumDecoder decoder =
        decoder("x decimal(38,10)", "source.lsn", NO_TIMES, Optional.of(Decimals.PRECISE));
    for (BigInteger each : List.of(most, most.negate())) {
      assertThat(row(decoder, inserted(base64(each))))
          .isEqualTo(new BigDecimal(each, 10).toPlainString());
    }
    assertThat(row(decoder, inserted(base64(beyond))))
        .isEqualTo(
            "decode: Expected decimal(38,10) for x in after, found " + new BigDecimal(beyond, 10));
    assertThat(row(decoder, inserted(base64(beyond.pow(20)))))
        .startsWith("decode: Expected decimal(38,10) for x in after, found \"")
        .hasSizeLessThan(200);
  }

  private static String base64(BigInteger unscaled) {
    return "{'x': '" + Base64.getEncoder().encodeToString(unscaled.toByteArray()) + "'}";
  }
}
