package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.step.WatermarkStep;
import io.millrace.engine.testing.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LateRowsTest {
  private static final SparkSession SPARK = Sessions.spark();
  private static final Instant WATERMARK = Instant.parse("2026-01-01T00:00:02Z");

  @AfterEach
  void tearDown() {
    SPARK.sparkContext().setLocalProperty(LateRows.WATERMARK, null);
  }

  private static Dataset<Row> rows(String... columns) {
    return SPARK.range(0, 4, 1, 1).selectExpr(columns);
  }

  private static Dataset<Row> marked(Dataset<Row> rows) {
    WatermarkStep watermark =
        new WatermarkStep(
            new WatermarkStep.Settings(
                "t",
                Duration.ZERO,
                Late.KEEP,
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    Planned.Input input = new Planned.Input("in", rows.queryExecution().analyzed());
    return Catalyst.frame(SPARK, watermark.plan(List.of(input)));
  }

  private static List<String> tagged(Dataset<Row> rows) {
    SPARK
        .sparkContext()
        .setLocalProperty(LateRows.WATERMARK, Long.toString(WATERMARK.toEpochMilli()));
    Expression until = Catalyst.micros(Catalyst.column("t"));
    return LateRows.tagged("minutes", new LateRows.Gate(true), until, rows)
        .selectExpr("_dead.step", "_dead.rule", "_dead.reason", "cast(_raw as string)")
        .collectAsList()
        .stream()
        .map(Row::toString)
        .toList();
  }

  private static final String TIME =
      "timestamp '2026-01-01T00:00:00Z' + make_dt_interval(0, 0, 0, id) as t";

  @Test
  void aRowThatWasNotReadAsBytesIsKeptAsJson() {
    assertThat(tagged(marked(rows("id", TIME, "'hidden' as _source"))))
        .containsExactly(
            "[minutes,late,Late by 2s: t 2026-01-01T00:00:00Z, taken until the watermark was"
                + " 2026-01-01T00:00:00Z, and it was 2026-01-01T00:00:02Z,"
                + "{\"id\":0,\"t\":\"2026-01-01T00:00:00.000Z\"}]",
            "[minutes,late,Late by 1s: t 2026-01-01T00:00:01Z, taken until the watermark was"
                + " 2026-01-01T00:00:01Z, and it was 2026-01-01T00:00:02Z,"
                + "{\"id\":1,\"t\":\"2026-01-01T00:00:01.000Z\"}]",
            "[minutes,late,Late by 0s: t 2026-01-01T00:00:02Z, taken until the watermark was"
                + " 2026-01-01T00:00:02Z, and it was 2026-01-01T00:00:02Z,"
                + "{\"id\":2,\"t\":\"2026-01-01T00:00:02.000Z\"}]",
            "[null,null,null,null]");
  }

  @Test
  void whatWasRefusedBeforeIsNotLate() {
    String dead =
        "if(id > 0, struct('in' as source, 'in' as step, 'decode' as rule, 'x' as reason), null) as _dead";

    assertThat(tagged(marked(rows("id", TIME, "cast('raw' as binary) as _raw", dead))))
        .hasSize(4)
        .last()
        .isEqualTo("[in,decode,x,raw]");
    assertThat(tagged(marked(rows("id", TIME, "cast('raw' as binary) as _raw", dead))))
        .first()
        .asString()
        .startsWith("[minutes,late,Late by 2s:")
        .endsWith(",raw]");
  }

  @Test
  void noRowIsLateWithoutAWatermark() {
    assertThatThrownBy(() -> tagged(rows("id", TIME)))
        .hasMessage(
            "Cannot keep rows that are late for minutes: their time comes without a watermark. Leave"
                + " out late: keep");
  }
}
