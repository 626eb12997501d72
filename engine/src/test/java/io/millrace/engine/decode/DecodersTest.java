package io.millrace.engine.decode;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.TextFault;
import io.millrace.engine.spi.Tombstones;
import io.millrace.engine.testing.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodersTest {
  private static final String FIELDS =
      "id bigint not null, small int, price decimal(5,2), at timestamp, day date, ok boolean,"
          + " where struct<zip: int, city: string>, tags array<string>, counts map<string, bigint>";
  private static final String AVRO =
      """
      {"type": "record", "name": "click", "fields": [
        {"name": "id", "type": "long"}, {"name": "ad", "type": ["null", "string"]}]}
      """;

  private static JsonDecoder json(String ddl) {
    return new JsonDecoder(
        new JsonDecoder.Settings(Optional.of(ddl), Optional.empty(), Tombstones.DEAD_LETTER));
  }

  private static CsvDecoder csv(String ddl) {
    return new CsvDecoder(
        new CsvDecoder.Settings(Optional.of(ddl), Optional.empty(), ",", Tombstones.DEAD_LETTER));
  }

  private static AvroDecoder avro() {
    return new AvroDecoder(
        new AvroDecoder.Settings(
            Optional.of(AVRO),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Tombstones.DEAD_LETTER));
  }

  private static Dataset<Row> payloads(List<Row> payloads) {
    return Sessions.spark()
        .createDataset(
            payloads, Encoders.row(new StructType().add("payload", DataTypes.BinaryType)))
        .repartition(1);
  }

  private static List<Row> rows(byte[]... payloads) {
    return Arrays.stream(payloads).map(payload -> RowFactory.create((Object) payload)).toList();
  }

  private static List<Row> decoded(Decoder decoder, List<Row> payloads) {
    return payloads(payloads)
        .select(decoder.decode(col("payload")).as("decoded"))
        .select("decoded.*")
        .collectAsList();
  }

  private static List<Row> decoded(Decoder decoder, byte[]... payloads) {
    return decoded(decoder, rows(payloads));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String reason(Decoder decoder, byte @Nullable [] payload) {
    return decoded(decoder, List.of(RowFactory.create((Object) payload))).get(0).getString(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"id": "abc"}                    | Expected bigint for id, found "abc"
          {"id": 1.5}                      | Expected bigint for id, found 1.5
          {"id": ""}                       | Expected bigint for id, found ""
          {"id": [1]}                      | Expected bigint for id, found an array
          {"small": 99999999999}           | Expected int for small, found 99999999999
          {"price": 12345.6}               | Expected decimal(5,2) for price, found 12345.6
          {"at": "yesterday"}              | Expected timestamp for at, found "yesterday"
          {"day": "2026-13-01"}            | Expected date for day, found "2026-13-01"
          {"ok": "yes"}                    | Expected boolean for ok, found "yes"
          {"where": {"zip": "x"}}          | Expected int for zip in where, found "x"
          {"where": 5}                     | Expected struct<zip:int,city:string> for where, found 5
          {"counts": {"a": "b"}}           | Expected map<string,bigint> for counts, found an object with other values
          [{"id": 1}]                      | Expected a JSON object, found an array
          null                             | Expected a JSON object, found null
          12                               | Expected a JSON object, found a number
          {"id": 1} {"id": 2}              | Expected one JSON object, found more behind it at byte 10
          {"id": 1} xyz                    | Expected one JSON object, found more behind it at byte 10
          """)
  void saysWhyAPayloadIsNoJsonOfTheFields(String payload, String reason) {
    assertThat(reason(json(FIELDS), bytes(payload))).isEqualTo(reason);
  }

  @Test
  void saysWhereJsonIsMalformed() {
    assertThat(reason(json(FIELDS), bytes("{\"id\": 1, oops}")))
        .startsWith("Expected JSON, found a fault at byte ")
        .contains("Unexpected character ('o'");
    assertThat(reason(json(FIELDS), bytes("{\"id\": 1")))
        .startsWith("Expected JSON, found a fault");
    assertThat(reason(json(FIELDS), new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}))
        .startsWith("Expected JSON");
    assertThat(reason(json(FIELDS), bytes(" ")))
        .isEqualTo("Expected a JSON object, found an empty value");
    assertThat(reason(json(FIELDS), null)).isEqualTo("Expected JSON, found no value");
  }

  @Test
  void readsGoodJsonAsSparkDoes() {
    List<String> good =
        List.of(
            "{\"id\": 1}",
            "{}",
            "{\"id\": null, \"unknown\": {\"deep\": [1]}, \"small\": -3}",
            "{'id': 2, \"price\": \"12.5\"}",
            "{\"at\": \"2026-01-01T00:00:00Z\"}",
            "{\"at\": \"2026-01-01T00:00:00.123456+02:00\", \"day\": \"2026-02-28\"}",
            "{\"at\": \"2026-01-01 10:00:00\", \"ok\": true}",
            "{\"at\": 5}",
            "{\"where\": {\"zip\": 1, \"city\": \"Köln\"}, \"tags\": [\"a\", null, 5]}",
            "{\"counts\": {\"a\": 1, \"b\": null}, \"id\": 1, \"id\": 2}",
            "{\"where\": {\"zip\": 1}, \"tags\": [\"\\u00e9\\n\"]}\n");
    byte[][] payloads = good.stream().map(DecodersTest::bytes).toArray(byte[][]::new);

    List<Row> spark =
        payloads(rows(payloads))
            .select(from_json(col("payload").cast("string"), Ddl.parse("schema", FIELDS)))
            .collectAsList();

    List<Row> ours = decoded(json(FIELDS), payloads);
    assertThat(ours).extracting(row -> row.getString(1)).containsOnlyNulls();
    assertThat(ours)
        .extracting(row -> row.getStruct(0))
        .isEqualTo(spark.stream().map(row -> row.getStruct(0)).toList());
  }

  /** Two thousand objects of usual, rare and wrong values, in any order of fields. */
  @Test
  void takesAndRefusesWhatSparkDoes() {
    List<String> names = List.of("i", "l", "d", "s", "b", "t", "t2", "day", "m", "other");
    List<String> values =
        List.of(
            ("0;-1;7;2147483647;2147483648;-9223372036854775808;9223372036854775808;1.5;1e3;-0.0;1e300;\"NaN\";\"-Infinity\";\"12\";\"12.5\";\"\";\""
                    + " \";\"x\";\"K\\u00f6ln\";\"Köln 🙂\""
                    + ";true;false;\"true\";null;{};[];[1];{\"a\":[1,{}]};\"2026-01-31\";\"2026-02-30\";\"2026-01-31T23:59:59Z\";\"2026-01-31T23:59:59.1Z\";\"2026-01-31"
                    + " 23:59:59.123456Z\""
                    + ";\"2026-01-31T23:59:59.1234567Z\";\"2026-01-31T23:59:59.Z\";\"2026-01-31T24:00:00Z\""
                    + ";\"2026-01-31T23:60:00Z\";\"2026-01-31T23:59:60Z\";\"2024-02-29T00:00:00Z\""
                    + ";\"2026-02-29T00:00:00Z\";\"1969-12-31T23:59:59.999999Z\";\"0000-01-01T00:00:00Z\""
                    + ";\"0001-01-01T00:00:00.5Z\";\"9999-12-31T23:59:59.999999Z\";\"2026-13-01T00:00:00Z\""
                    + ";\"2026-01-31T23:59:59\";\"2026-01-31T23:59:59+02:00\";\"2026-1-31T3:59:59Z\""
                    + ";\"2026-01-31T23:59:5٣Z\";\"2026-01-31x23:59:59Z\";\"2026-01-31T23:59:59z\"")
                .split(";"));
    Random random = new Random(20260131);
    byte[][] payloads = new byte[2000][];
    for (int i = 0; i < payloads.length; i++) {
      List<String> fields = new ArrayList<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        String name = names.get(random.nextInt(names.size()));
        fields.add("\"" + name + "\": " + values.get(random.nextInt(values.size())));
      }
      payloads[i] = bytes("{" + String.join(", ", fields) + "}");
    }
    String schema =
        "i int, l bigint, d double, s string, b boolean, t timestamp, t2 timestamp_ntz, day date,"
            + " m decimal(5,2)";

    List<Row> spark =
        payloads(rows(payloads))
            .select(
                from_json(
                    col("payload").cast("string"),
                    Ddl.parse("schema", schema + ", _corrupt_record string")))
            .collectAsList();
    List<Row> ours = decoded(json(schema), payloads);

    int good = 0;
    for (int i = 0; i < payloads.length; i++) {
      String payload = new String(payloads[i], StandardCharsets.UTF_8);
      Row theirs = spark.get(i).getStruct(0);
      assertThat(ours.get(i).isNullAt(1)).as(payload).isEqualTo(theirs.isNullAt(9));
      if (theirs.isNullAt(9)) {
        good++;
        for (int column = 0; column < 9; column++) {
          if (column == 3 && payload.matches(".*\"s\": -?[0-9].*")) {
            continue; // A number in a text stays as it is written; Spark rewrites 1e3 to 1000.0.
          }
          assertThat(ours.get(i).getStruct(0).get(column))
              .as(payload)
              .isEqualTo(theirs.get(column));
        }
      }
    }
    assertThat(good).isBetween(200, 1800);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void parsesAPayloadOnceForAllThatReadsIt(boolean generatesCode) {
    SparkSession spark = Sessions.spark().newSession();
    spark.conf().set("spark.sql.codegen.wholeStage", generatesCode);
    spark.conf().set("spark.sql.codegen.factoryMode", generatesCode ? "FALLBACK" : "NO_CODEGEN");
    Counting.PARSED.set(0);

    Dataset<Row> rows =
        spark
            .createDataset(
                rows(bytes("a"), bytes("b")),
                Encoders.row(new StructType().add("payload", DataTypes.BinaryType)))
            .repartition(1)
            .select(Decode.decode(new Counting(), col("payload")).as("decoded"))
            .selectExpr("decoded.fields.a", "decoded.fields.b", "decoded.reason")
            .where("reason is null and a > 0 and b > 0");

    assertThat(rows.collectAsList()).hasSize(2);
    assertThat(Counting.PARSED).hasValue(2);
  }

  private record Counting() implements Payload {
    private static final AtomicInteger PARSED = new AtomicInteger();

    @Override
    public String name() {
      return "anything";
    }

    @Override
    public StructType fields() {
      return Ddl.parse("", "a int, b int");
    }

    @Override
    public Parser parser() {
      return payload -> {
        PARSED.incrementAndGet();
        return new GenericInternalRow(new Object[] {1, 2});
      };
    }
  }

  @Test
  void neverThrowsInAnsiMode() {
    assertThat(Sessions.spark().conf().get("spark.sql.ansi.enabled")).isEqualTo("true");
    assertThat(decoded(json(FIELDS), bytes("{\"id\": 99999999999999999999}"), bytes("{\"id\": 1}")))
        .extracting(row -> row.isNullAt(1))
        .containsExactly(false, true);
  }

  @Test
  void readsALineOfValuesAndSaysWhatIsWrongInIt() {
    CsvDecoder csv = csv("a int, b string, c timestamp");

    Row good = decoded(csv, bytes("1,\"x, y\",2026-01-01T00:00:00Z\n")).get(0);
    assertThat(good.isNullAt(1)).isTrue();
    assertThat(good.getStruct(0).getInt(0)).isEqualTo(1);
    assertThat(good.getStruct(0).getString(1)).isEqualTo("x, y");

    assertThat(reason(csv, bytes("1,2"))).isEqualTo("Expected 3 fields, found 2");
    assertThat(reason(csv, bytes("1,2,,4"))).isEqualTo("Expected 3 fields, found 4");
    assertThat(reason(csv, bytes("one,x,"))).isEqualTo("Expected int for a, found \"one\"");
    assertThat(reason(csv, bytes("1,x,later")))
        .isEqualTo("Expected timestamp for c, found \"later\"");
    assertThat(reason(csv, bytes("1,x,\n2,y,")))
        .isEqualTo("Expected one line of CSV, found more behind character 5");
    assertThat(reason(csv, bytes(""))).isEqualTo("Expected CSV, found an empty value");
    assertThat(reason(csv, null)).isEqualTo("Expected CSV, found no value");
  }

  @Test
  void readsAvroAndSaysWhatIsWrong() throws IOException {
    Schema schema = new Schema.Parser().parse(AVRO);
    GenericRecord click = new GenericData.Record(schema);
    click.put("id", 7L);
    click.put("ad", "x");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema).write(click, encoder);
    encoder.flush();
    byte[] good = bytes.toByteArray();

    Row row = decoded(avro(), good).get(0);
    assertThat(row.getStruct(0)).isEqualTo(RowFactory.create(7L, "x"));
    assertThat(row.isNullAt(1)).isTrue();
    assertThat(avro().schema().apply("id").nullable()).isFalse();
    assertThat(avro().schema().apply("ad").nullable()).isTrue();
    assertThat(reason(avro(), Arrays.copyOf(good, good.length + 1)))
        .isEqualTo("Expected one Avro record, found more behind it");
    assertThat(reason(avro(), new byte[] {14}))
        .startsWith("Expected Avro of the schema, found other bytes: ");
    assertThat(reason(avro(), null)).isEqualTo("Expected Avro, found no value");
  }

  @Test
  void takesAPayloadAsItIs() {
    TextDecoder text = new TextDecoder(new TextDecoder.Settings("line", Tombstones.DEAD_LETTER));
    assertThat(text.schema()).isEqualTo(new StructType().add("line", DataTypes.StringType));
    assertThat(decoded(text, bytes("hé")).get(0).getStruct(0).getString(0)).isEqualTo("hé");
    assertThat(reason(text, null)).isEqualTo("Expected text, found no value");
    BytesDecoder raw = new BytesDecoder(new BytesDecoder.Settings("body", Tombstones.DEAD_LETTER));
    assertThat((byte[]) decoded(raw, new byte[] {1, 2}).get(0).getStruct(0).get(0))
        .containsExactly(1, 2);
    assertThat(reason(raw, null)).isEqualTo("Expected bytes, found no value");
  }

  @Test
  void takesItsFieldsFromAFile(@TempDir Path folder) throws IOException {
    Path ddl = Files.writeString(folder.resolve("a.ddl"), "id bigint not null,\n  name string");
    Path avro = Files.writeString(folder.resolve("a.avsc"), AVRO);
    Path schema =
        Files.writeString(
            folder.resolve("a.json"),
            """
            {"type": "object", "required": ["id", "note"], "properties": {
              "id": {"type": "integer"}, "note": {"type": ["string", "null"]},
              "at": {"type": "string", "format": "date-time"},
              "who": {"$ref": "#/$defs/person"}, "marks": {"type": "array", "items": {"type": "number"}},
              "more": {"type": "object", "additionalProperties": {"type": "boolean"}}},
             "$defs": {"person": {"type": "object", "properties": {"name": {"type": "string"}}}}}
            """);

    assertThat(file(ddl)).isEqualTo(Ddl.parse("", "id bigint not null, name string"));
    assertThat(file(avro)).isEqualTo(Ddl.parse("", "id bigint not null, ad string"));
    assertThat(file(schema))
        .isEqualTo(
            Ddl.parse(
                "",
                "id bigint not null, note string, at timestamp, who struct<name: string>,"
                    + " marks array<double>, more map<string, boolean>"));
  }

  private static StructType file(Path file) {
    return new JsonDecoder(
            new JsonDecoder.Settings(
                Optional.empty(), Optional.of(file.toString()), Tombstones.DEAD_LETTER))
        .schema();
  }

  @Test
  void pointsAtTheFaultInTheFields() {
    assertThatThrownBy(() -> json("id bigint,\nname strin"))
        .isInstanceOfSatisfying(
            TextFault.class,
            fault -> {
              assertThat(fault.setting()).isEqualTo("schema");
              assertThat(fault.line()).isEqualTo(2);
              assertThat(fault.column()).isEqualTo(6);
            })
        .hasMessageStartingWith("Cannot read the columns: ")
        .hasMessageContaining("STRIN");
    assertThatThrownBy(() -> json("id bigint, ID string"))
        .hasMessage("Expected each column once, found ID more than once");
    assertThatThrownBy(() -> json(" ")).hasMessageStartingWith("Missing columns. ");
    assertThatThrownBy(
            () ->
                new JsonDecoder.Settings(
                    Optional.empty(), Optional.empty(), Tombstones.DEAD_LETTER))
        .hasMessage("Missing schema. Write the fields, or name a file with schema-file");
  }
}
