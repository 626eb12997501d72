package io.millrace.engine.step;

import static io.millrace.engine.step.Tables.rows;
import static io.millrace.engine.step.Tables.run;
import static io.millrace.engine.step.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class WatermarkStepTest {
  private static final String TIMES =
      "select id, case id when 'at the bound' then current_timestamp() + interval 10 minutes"
          + " when 'beyond' then current_timestamp() + interval '10:00.000001' minute to second"
          + " when 'far' then timestamp'9999-12-31 23:59:59'"
          + " when 'before 1970' then timestamp'1969-12-31 23:59:59'"
          + " when 'long ago' then timestamp'-0044-03-15 00:00:00' end as t"
          + " from values ('at the bound'), ('beyond'), ('far'), ('before 1970'), ('long ago'),"
          + " ('null') as ids(id)";

  private static WatermarkStep watermark(Optional<Duration> idle, Optional<Duration> maxAhead) {
    return new WatermarkStep(
            new WatermarkStep.Settings(
                "t", Duration.ofSeconds(5), Late.DROP, idle, maxAhead, Optional.empty()))
        .named("timed");
  }

  private static WatermarkStep bounded() {
    return watermark(Optional.empty(), Optional.of(Duration.ofMinutes(10)));
  }

  @Test
  void aRowTooFarAheadIsADeadLetterWithoutItsTime() {
    Dataset<Row> rows = run(bounded(), table("rows", TIMES));

    assertThat(rows(rows.selectExpr("id", "t is null", "_dead.step", "_dead.rule")))
        .containsExactly(
            "[at the bound,false,null,null]",
            "[before 1970,false,null,null]",
            "[beyond,true,timed,max-ahead]",
            "[far,true,timed,max-ahead]",
            "[long ago,false,null,null]",
            "[null,true,null,null]");
    assertThat(rows(rows.where("id = 'far'").selectExpr("cast(_raw as string)", "_dead.reason")))
        .singleElement()
        .asString()
        .matches(
            "\\[\\{\"id\":\"far\",\"t\":\"9999-12-31T23:59:59.000Z\"},Too far ahead: t"
                + " 9999-12-31T23:59:59Z, taken until \\S+Z, 10m ahead of the batch's time"
                + " \\S+Z]");
    assertThat(rows(rows.where("_dead is null").selectExpr("_raw")))
        .containsOnly("[null]")
        .hasSize(4);
    assertThat(bounded().tags()).isTrue();
    assertThat(watermark(Optional.empty(), Optional.empty()).tags()).isFalse();
  }

  @Test
  void aDeadLetterOfBeforeStaysWhatItWasAndLosesItsTime() {
    String dead =
        "select id, t, X'41' as _raw, named_struct('source', 's', 'step', 'valid', 'rule', 'r',"
            + " 'reason', 'because') as _dead from (%s) where id in ('far', 'long ago')";
    for (WatermarkStep step : List.of(bounded(), watermark(Optional.empty(), Optional.empty()))) {
      assertThat(
              rows(
                  run(step, table("rows", dead.formatted(TIMES)))
                      .selectExpr("id", "t", "_dead.step", "_dead.reason", "hex(_raw)")))
          .containsExactly("[far,null,valid,because,41]", "[long ago,null,valid,because,41]");
    }
  }

  @Test
  void refusesLengthsBelowNothing() {
    assertThatThrownBy(() -> watermark(Optional.of(Duration.ofSeconds(-1)), Optional.empty()))
        .hasMessage("Expected idle to be 0s or more, found -1s");
    assertThatThrownBy(() -> watermark(Optional.empty(), Optional.of(Duration.ofSeconds(-1))))
        .hasMessage("Expected max-ahead to be 0s or more, found -1s");
  }

  @Test
  void refusesAPunctuationThatItCannotAskOfOneRow() {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "count(1) > 1",
                "Cannot aggregate in a punctuation: count(1) > 1. It looks at one row",
                "kind >",
                "Cannot read the SQL")
            .entrySet()) {
      WatermarkStep step =
          new WatermarkStep(
              new WatermarkStep.Settings(
                  "t",
                  Duration.ZERO,
                  Late.DROP,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of(wrong.getKey())));
      assertThatThrownBy(() -> run(step, table("rows", TIMES)))
          .isInstanceOf(TextFault.class)
          .hasMessageContaining(wrong.getValue());
    }
  }

  @Test
  void leavesRowsThatSayWhatIsCompleteOutOfATableToo() {
    WatermarkStep step =
        new WatermarkStep(
            new WatermarkStep.Settings(
                "t",
                Duration.ZERO,
                Late.DROP,
                Optional.empty(),
                Optional.empty(),
                Optional.of("id = 'far'")));
    assertThat(rows(run(step, table("rows", TIMES)).select("id")))
        .doesNotContain("[far]")
        .hasSize(rows(run(bounded(), table("rows", TIMES)).select("id")).size() - 1);
  }
}
