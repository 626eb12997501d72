package io.millrace.tests;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.decode.AvroDecoder;
import io.millrace.engine.decode.Evolution;
import io.millrace.engine.registry.SchemaRegistry;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Tombstones;
import io.millrace.engine.testing.LocalRegistry;
import io.millrace.engine.testing.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of payloads of one schema and another, with a real registry. */
class RegistryDecodeTest {
  static final String FIRST =
      schema("{'name': 'id', 'type': 'string'}, {'name': 'price', 'type': 'int'}");
  private static final String WIDE =
      schema(
          "{'name': 'id', 'type': 'string'}, {'name': 'price', 'type': 'double'},"
              + " {'name': 'item', 'type': 'string', 'default': 'none'}");

  private static final LocalRegistry REGISTRY = LocalRegistry.shared();

  private final String subject = "s" + UUID.randomUUID() + "-value";

  static String schema(String fields) {
    return "{'type': 'record', 'name': 'Order', 'fields': [%s]}"
        .formatted(fields)
        .replace('\'', '"');
  }

  static SchemaRegistry registry(String url) {
    return new SchemaRegistry(
        url,
        Optional.of(LocalRegistry.USER),
        Optional.of(Secret.of("${file:" + REGISTRY.password() + "}")),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofMillis(300));
  }

  private Decoder decoder(Optional<String> schema, Evolution evolution) {
    return new AvroDecoder(
            new AvroDecoder.Settings(
                schema,
                Optional.empty(),
                Optional.of(registry(REGISTRY.url())),
                Optional.of(subject),
                Optional.of(evolution),
                Tombstones.DEAD_LETTER))
        .opened();
  }

  /** A record as the registry's own clients send it. */
  static byte[] framed(int id, String text, Object... values) {
    Schema schema = new Schema.Parser().parse(text);
    GenericRecord record = new GenericData.Record(schema);
    for (int at = 0; at < values.length; at++) {
      record.put(at, values[at]);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0);
    out.writeBytes(ByteBuffer.allocate(4).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private byte[] sent(String schema, Object... values) {
    return framed(REGISTRY.register(subject, schema), schema, values);
  }

  private static List<String> decoded(Decoder decoder, byte[]... payloads) {
    List<Row> rows =
        Arrays.stream(payloads).map(payload -> RowFactory.create((Object) payload)).toList();
    return Sessions.spark()
        .createDataset(rows, Encoders.row(new StructType().add("payload", DataTypes.BinaryType)))
        .repartition(1)
        .select(decoder.decode(col("payload")).as("decoded"))
        .select("decoded.*")
        .collectAsList()
        .stream()
        .map(
            row ->
                row.isNullAt(1)
                    ? row.get(0).toString()
                    : row.getString(2) + ": " + row.getString(1))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"COMPATIBLE", "DEAD_LETTER"})
  void readsEarlierAndLaterSchemasIntoTheColumnsOfTheJob(Evolution evolution) {
    String more =
        schema(
            "{'name': 'note', 'type': ['null', 'string'], 'default': null},"
                + "{'name': 'price', 'type': 'long'}, {'name': 'id', 'type': 'string'}");

    assertThat(
            decoded(
                decoder(Optional.of(WIDE), evolution),
                sent(FIRST, "a", 1),
                sent(WIDE, "b", 2.5, "lamp"),
                sent(more, "new", 3L, "c"),
                sent(FIRST, "d", 4)))
        .containsExactly("[a,1.0,none]", "[b,2.5,lamp]", "[c,3.0,none]", "[d,4.0,none]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {'name': 'id', 'type': 'string'}                                   | it lacks field price, which has no default
          {'name': 'id', 'type': 'string'}, {'name': 'price', 'type': 'string'} | reader type: INT not compatible with writer type: STRING at price
          {'name': 'id', 'type': 'string'}, {'name': 'price', 'type': 'long'}   | reader type: INT not compatible with writer type: LONG at price
          {'name': 'id', 'type': 'string'}, {'name': 'price', 'type': {'type': 'int', 'logicalType': 'date'}} | price is date, not a plain value
          """)
  void aSchemaThatDoesNotFitMakesDeadLettersOrStopsTheJob(String fields, String why) {
    Object[] values = fields.contains("price") ? new Object[] {"a", 1} : new Object[] {"a"};
    if (fields.contains("'price', 'type': 'string'")) {
      values[1] = "x";
    } else if (fields.contains("'long'")) {
      values[1] = 1L;
    }
    byte[] other = sent(schema(fields), values);
    int id = ByteBuffer.wrap(other).getInt(1);

    assertThat(
            decoded(decoder(Optional.of(FIRST), Evolution.DEAD_LETTER), other, sent(FIRST, "b", 2)))
        .containsExactly(
            "schema_misfit: Expected a schema that fits that of the job, found id %d: %s"
                .formatted(id, why),
            "[b,2]");
    assertThatThrownBy(() -> decoded(decoder(Optional.of(FIRST), Evolution.COMPATIBLE), other))
        .rootCause()
        .hasMessage(
            "Cannot read a payload of schema id %d: it does not fit the schema of the job: %s. Give the job a schema that reads it, or use evolution: dead-letter"
                .formatted(id, why));
  }

  @Test
  void aChangeOfUnitsOrScaleDoesNotFit() {
    String micros = "{'type': 'long', 'logicalType': 'timestamp-micros'}";
    String millis = "{'type': 'long', 'logicalType': 'timestamp-millis'}";
    String cents = "{'type': 'bytes', 'logicalType': 'decimal', 'precision': 9, 'scale': 2}";
    String mills = cents.replace("'scale': 2", "'scale': 3");
    String fields =
        "{'name': 'at', 'type': ['null', %s]}, {'name': 'paid', 'type': {'type': 'array', 'items':"
            + " %s}}";
    List<ByteBuffer> paid = List.of(ByteBuffer.wrap(new byte[] {100}));
    Decoder decoder =
        decoder(Optional.of(schema(fields.formatted(micros, cents))), Evolution.DEAD_LETTER);

    List<String> found =
        decoded(
            decoder,
            sent(schema(fields.formatted(millis, cents)), 1L, paid),
            sent(schema(fields.formatted(micros, mills)), 1L, paid),
            sent(schema(fields.formatted(micros, cents)), 1L, paid));

    assertThat(found.get(0)).endsWith(": at is timestamp-millis, not timestamp-micros");
    assertThat(found.get(1)).endsWith(": paid is decimal of scale 3, not decimal of scale 2");
    assertThat(found.get(2)).contains("1970-01-01").contains("1.00");
  }

  @Test
  void failTakesOneSchemaOnly() {
    Decoder decoder = decoder(Optional.of(FIRST), Evolution.FAIL);
    byte[] other = sent(WIDE, "b", 2.5, "lamp");

    assertThat(decoded(decoder, sent(FIRST, "a", 1))).containsExactly("[a,1]");
    assertThatThrownBy(() -> decoded(decoder, other))
        .rootCause()
        .hasMessage(
            "Cannot read a payload of schema id %d with evolution: fail: its schema is not that of the job. Give the job that schema, or use evolution: compatible"
                .formatted(ByteBuffer.wrap(other).getInt(1)));
    assertThatThrownBy(() -> decoded(decoder, framed(7_000_000, FIRST, "a", 1)))
        .rootCause()
        .hasMessage(
            "Cannot read a payload of schema id 7000000: the schema registry at %s knows none of this id. Register it, or use evolution: dead-letter"
                .formatted(REGISTRY.url()));
  }

  @Test
  void whatIsNoPayloadOfTheRegistryIsTheRowsOwnFault() {
    byte[] bare = {2, 'a', 2, 2, 2};
    byte[] more = Arrays.copyOf(sent(FIRST, "a", 1), 12);

    List<String> found =
        decoded(
            decoder(Optional.of(FIRST), Evolution.COMPATIBLE),
            framed(7_000_001, FIRST, "a", 1),
            bare,
            new byte[] {0, 0},
            more,
            sent(FIRST, "b", 2));

    assertThat(found)
        .containsExactly(
            "schema_unknown: Expected a schema that the registry knows, found id 7000001",
            "schema_header: Expected Avro behind byte 0 and the id of a schema, found byte 2",
            "schema_header: Expected Avro behind byte 0 and the id of a schema, found 2 bytes",
            "decode: Expected one Avro record, found more behind it",
            "[b,2]");
  }

  @Test
  void withoutASchemaTheNewestOfTheSubjectGivesTheColumns() {
    byte[] first = sent(FIRST, "a", 1);
    byte[] wide = sent(WIDE, "b", 2.5, "lamp");

    assertThat(decoded(decoder(Optional.empty(), Evolution.LATEST), first, wide))
        .containsExactly("[a,1.0,none]", "[b,2.5,lamp]");
  }

  @Test
  void theNewestColumnsAreWantedBeforeARowLosesOne() {
    byte[] first = sent(FIRST, "a", 1);
    Decoder started = decoder(Optional.empty(), Evolution.LATEST);
    String more =
        schema(
            "{'name': 'id', 'type': 'string'}, {'name': 'price', 'type': 'int'},"
                + " {'name': 'item', 'type': 'string', 'default': 'none'}");
    byte[] later = sent(more, "b", 2, "lamp");

    assertThatThrownBy(() -> decoded(started, first, later))
        .rootCause()
        .hasMessage(
            "Cannot read field item of schema id %d with the columns of this start: it is newer. Start the job again: it takes the newest columns and reads this batch once more"
                .formatted(ByteBuffer.wrap(later).getInt(1)));
    assertThat(decoded(decoder(Optional.empty(), Evolution.LATEST), first, later))
        .containsExactly("[a,1,none]", "[b,2,lamp]");

    // A field that the newest schema has no more is no reason to stop.
    byte[] last = sent(schema("{'name': 'id', 'type': 'string'}"), "c");
    assertThat(decoded(decoder(Optional.empty(), Evolution.LATEST), first, later, last))
        .containsExactly("[a]", "[b]", "[c]");
  }
}
