package io.millrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.observe.Watch;
import io.millrace.engine.spi.BatchReport;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static BatchReport report(String query, long batch, Map<String, Duration> waited) {
    return new BatchReport(query, batch, Map.of("out", 1500L), waited, Duration.ofSeconds(1));
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
}
