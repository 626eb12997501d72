package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.decode.AvroDecoder;
import io.millrace.engine.decode.BytesDecoder;
import io.millrace.engine.decode.CsvDecoder;
import io.millrace.engine.decode.JsonDecoder;
import io.millrace.engine.decode.TextDecoder;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Tombstones;
import io.millrace.engine.testing.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of payloads that are not there. */
class DecodingTest {
  private static final String AVRO =
      """
      {"type": "record", "name": "x", "fields": [{"name": "id", "type": "string"}]}
      """;

  /** Decoders, and a payload that each reads as {@code a}. */
  private static Map<Decoder, String> decoders(Tombstones tombstones) {
    Optional<String> none = Optional.empty();
    Optional<String> fields = Optional.of("id string not null");
    return Map.of(
        new JsonDecoder(new JsonDecoder.Settings(fields, none, tombstones)),
        "{\"id\": \"a\"}",
        new CsvDecoder(new CsvDecoder.Settings(fields, none, ",", tombstones)),
        "a",
        new AvroDecoder(
            new AvroDecoder.Settings(
                Optional.of(AVRO), none, Optional.empty(), none, Optional.empty(), tombstones)),
        "\2a",
        new TextDecoder(new TextDecoder.Settings("id", tombstones)),
        "a",
        new BytesDecoder(new BytesDecoder.Settings("id", tombstones)),
        "a");
  }

  static Stream<Tombstones> tombstones() {
    return Arrays.stream(Tombstones.values());
  }

  @ParameterizedTest
  @MethodSource("tombstones")
  void aPayloadThatIsNotThereIsARowNoneOrADeadLetterInEachForm(Tombstones tombstones) {
    decoders(tombstones)
        .forEach(
            (decoder, payload) ->
                assertThat(decoded(decoder, payload, null))
                    .as(decoder.toString())
                    .isEqualTo(
                        switch (tombstones) {
                          case DEAD_LETTER -> List.of("a", "dead");
                          case DROP -> List.of("a");
                          case KEEP -> List.of("a", "null");
                        }));
  }

  private static List<String> decoded(Decoder decoder, @Nullable String... payloads) {
    List<Row> rows =
        Arrays.stream(payloads)
            .map(
                text -> {
                  byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
                  return RowFactory.create(new @Nullable Object[] {bytes});
                })
            .toList();
    return Decoding.decode(
            "in",
            decoder,
            Sessions.spark()
                .createDataset(
                    rows, Encoders.row(new StructType().add(Columns.VALUE, DataTypes.BinaryType)))
                .repartition(1))
        .selectExpr("if(_dead is null, ifnull(string(id), 'null'), 'dead')")
        .as(Encoders.STRING())
        .collectAsList();
  }
}
