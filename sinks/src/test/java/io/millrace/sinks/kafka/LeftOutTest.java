package io.millrace.sinks.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.SourceRecord;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeftOutTest {
  private static Reject reject(@Nullable SourceRecord from) {
    return new Reject(
        new UUID(1, 2),
        Instant.parse("2026-01-01T00:00:00.000001Z"),
        "unknown_partition",
        "partition 7 is none of it",
        "{\"p\":7}",
        Places.NOWHERE,
        from);
  }

  @Test
  void keepsTheRecordThatARowCameFrom() {
    Reject whole =
        reject(
            new SourceRecord(
                "{\"topic\":\"a\",\"partition\":0,\"offset\":5}",
                new byte[] {0, (byte) 0xff},
                "{\"p\": 7}".getBytes(UTF_8)));
    Reject noKey = reject(new SourceRecord("{\"file\":\"f\"}", null, new byte[0]));

    assertThat(LeftOut.of(LeftOut.value(whole))).usingRecursiveComparison().isEqualTo(whole);
    assertThat(LeftOut.of(LeftOut.value(noKey))).usingRecursiveComparison().isEqualTo(noKey);
    assertThat(LeftOut.of(LeftOut.value(reject(null)))).isEqualTo(reject(null));
  }

  @Test
  void readsWhatWasKeptWithoutARecord() {
    String before =
        "{\"attempt\":\"00000000-0000-0001-0000-000000000002\",\"at\":\"2026-01-01T00:00:00.000001Z\","
            + "\"rule\":\"unknown_partition\",\"reason\":\"partition 7 is none of it\","
            + "\"row\":\"{\\\"p\\\":7}\"}";

    assertThat(LeftOut.of(before.getBytes(UTF_8))).isEqualTo(reject(null));
    assertThat(LeftOut.of(null)).isNull();
    assertThatThrownBy(() -> LeftOut.of("none".getBytes(UTF_8)))
        .hasMessage("Expected a reject, found what is no JSON of one");
  }
}
