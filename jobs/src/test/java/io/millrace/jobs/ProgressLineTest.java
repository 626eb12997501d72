package io.millrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.observe.Watch;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.PartState;
import io.millrace.engine.spi.TableState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final Instant NOW = Instant.parse("2026-01-01T10:05:00Z");

  private static BatchReport report(String query, long batch, Map<String, Duration> waited) {
    return new BatchReport(
        query, batch, Map.of("out", 1500L), waited, Map.of(), Map.of(), Duration.ofSeconds(1));
  }

  @Test
  void tellsWhatWasDeliveredAndHowLongPoolsWereWaitedFor() {
    Watch watch = new Watch();
    assertThat(ProgressLine.text(watch.states()))
        .isEqualTo("read 0  delivered 0  0 rows/s  watermark -  lag -");
    watch.accept(report("plain", 0, Map.of()));
    assertThat(ProgressLine.text(watch.states()))
        .isEqualTo("read 0  delivered 1,500  0 rows/s  watermark -  lag -");
    watch.accept(report("tables", 0, Map.of("one", Duration.ofMillis(1200))));
    watch.accept(
        report(
            "tables",
            1,
            Map.of("one", Duration.ofMillis(30), "other", Duration.ofNanos(4_600_000))));
    assertThat(ProgressLine.text(watch.states()))
        .isEqualTo(
            "read 0  delivered 4,500  0 rows/s  watermark -  lag -  pools waited for 1,234 ms");
    assertThat(watch.states().get(1).waited())
        .containsEntry("one", Duration.ofMillis(1230))
        .containsEntry("other", Duration.ofNanos(4_600_000));
  }

  @Test
  void tellsOfWhenTablesAreAndThatOneCannotBeReadAgain() {
    Watch watch = new Watch();
    watch.accept(
        new BatchReport(
            "orders",
            7,
            Map.of(),
            Map.of(),
            Map.of(
                "customers",
                new TableState(
                    Optional.of("12 of 3f2a"), 5, NOW, Optional.of(NOW.minusSeconds(60)))),
            Map.of(
                "scored",
                new PartState(
                    "20260101T100000000Z",
                    Optional.of("why"),
                    List.of("drift of amount psi 0.31", "drift of country unseen 7.0%"),
                    Map.of())),
            Duration.ofSeconds(1)));

    assertThat(ProgressLine.text(watch.states()))
        .endsWith(
            "lag -  table customers of 2026-01-01T10:05:00Z, version 12, cannot be read again "
                + " scored with 20260101T100000000Z, no newer one can be used, to look at: drift of"
                + " amount psi 0.31, drift of country unseen 7.0%");
  }
}
