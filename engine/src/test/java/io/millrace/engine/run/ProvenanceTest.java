package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.source.MemorySource;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.step.UnionStep;
import io.millrace.engine.step.WatermarkStep;
import io.millrace.engine.testing.Sessions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
  private static Dataset<Row> rows(String name) {
    return new MemorySource(new MemorySource.Settings(name, "t timestamp")).open(Sessions.spark());
  }

  private static Dataset<Row> run(Planned step, List<Dataset<Row>> inputs) {
    return Catalyst.frame(
        Sessions.spark(),
        step.plan(
            inputs.stream()
                .map(rows -> new Planned.Input("rows", rows.queryExecution().analyzed()))
                .toList()));
  }

  @Test
  void aRowBesideHeartbeatsIsOneRecordAndOneOfSeveralStreamsIsNot() {
    WatermarkStep idle =
        new WatermarkStep(
            new WatermarkStep.Settings(
                "t",
                Duration.ZERO,
                Late.DROP,
                Optional.of(Duration.ofMinutes(1)),
                Optional.of(Duration.ofMinutes(1)),
                Optional.empty()));
    UnionStep union =
        new UnionStep(new UnionStep.Settings(List.of("a", "b"), UnionStep.Missing.NULLS));

    assertThat(Provenance.oneToOne(run(idle, List.of(rows("a"))))).isTrue();
    assertThat(Provenance.oneToOne(run(union, List.of(rows("a"), rows("b"))))).isFalse();
  }
}
