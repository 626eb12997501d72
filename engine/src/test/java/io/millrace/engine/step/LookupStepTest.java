package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import io.millrace.engine.step.LookupStep.AsOf;
import io.millrace.engine.step.LookupStep.Missing;
import io.millrace.engine.testing.Sessions;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;

class LookupStepTest {
  /** In another order than that of time, as they came into the table. */
  private static final String PRICES =
      """
      select item, price, cast(valid_from as timestamp) as valid_from,
        cast(valid_to as timestamp) as valid_to, seq from values
        ('lamp', 30, '2026-01-03', null, 3),
        ('lamp', 10, '2026-01-01', null, 1),
        ('desk', 99, '2026-01-01', '2026-01-02', 4),
        ('lamp', 20, '2026-01-02 00:00:00.000001', null, 2),
        ('lamp', 77, null, null, 5)
        as t(item, price, valid_from, valid_to, seq)
      """;

  private static LogicalPlan plan(String sql) {
    return Sessions.spark().sql(sql).queryExecution().analyzed();
  }

  private static LookupStep step(Missing missing, AsOf asOf) {
    return new LookupStep(
        new LookupStep.Settings(
            "prices", List.of("item"), missing, List.of("price"), Optional.of(asOf)));
  }

  private static AsOf asOf(Optional<String> validTo, String... orderBy) {
    return new AsOf("at", "valid_from", validTo, List.of(orderBy));
  }

  private static List<String> found(LookupStep step, String prices, String item, String... times) {
    String rows = "select '" + item + "' as item, cast(at as timestamp) as at from values ";
    LogicalPlan sold = plan(rows + "('" + String.join("'), ('", times) + "') as t(at)");
    LogicalPlan joined =
        step.plan(
            List.of(new Planned.Input("sold", sold), new Planned.Input("prices", plan(prices))));
    return Dataset.ofRows((SparkSession) Sessions.spark(), joined)
        .orderBy("at", "price")
        .collectAsList()
        .stream()
        .map(row -> String.valueOf(row.<Object>getAs("price")))
        .toList();
  }

  @Test
  void eachRowMeetsTheVersionOfItsTimeWhateverTheOrderInTheTable() {
    LookupStep step = step(Missing.KEEP, asOf(Optional.empty()));

    assertThat(
            found(
                step,
                PRICES,
                "lamp",
                "2025-12-31 23:59:59.999999",
                "2026-01-01 00:00:00",
                "2026-01-02 00:00:00",
                "2026-01-02 00:00:00.000001",
                "2026-01-02 23:59:59.999999",
                "2026-01-03 00:00:00",
                "2030-01-01 00:00:00"))
        .containsExactly("null", "10", "10", "20", "20", "30", "30");
    assertThat(found(step, PRICES, "chair", "2026-01-02")).containsExactly("null");
  }

  @Test
  void aVersionMayEndBeforeTheNextOne() {
    LookupStep step = step(Missing.KEEP, asOf(Optional.of("valid_to")));

    assertThat(found(step, PRICES, "desk", "2026-01-01 23:59:59", "2026-01-02 00:00:00"))
        .containsExactly("99", "null");
    assertThat(found(step, PRICES, "lamp", "2026-01-01", "2026-01-03")).containsExactly("10", "30");
    assertThat(found(step(Missing.KEEP, asOf(Optional.empty())), PRICES, "desk", "2026-01-02"))
        .containsExactly("99");
  }

  @Test
  void ofTwoVersionsOfOneMomentTheNewerOneCountsOrBoth() {
    String prices =
        PRICES.replace(
            "('lamp', 77, null, null, 5)",
            "('lamp', 31, '2026-01-03', null, 9), ('lamp', 32, '2026-01-03', null, null)");

    assertThat(
            found(step(Missing.KEEP, asOf(Optional.empty(), "seq")), prices, "lamp", "2026-01-04"))
        .containsExactly("31");
    assertThat(found(step(Missing.KEEP, asOf(Optional.empty())), prices, "lamp", "2026-01-04"))
        .containsExactly("30", "31", "32");
    assertThat(found(step(Missing.KEEP, asOf(Optional.empty())), prices, "lamp", "2026-01-02"))
        .containsExactly("10");
  }

  @Test
  void aRowBeforeAllVersionsIsUnknown() {
    assertThat(
            found(
                step(Missing.DROP, asOf(Optional.empty())),
                PRICES,
                "lamp",
                "2025-12-31",
                "2026-01-01"))
        .containsExactly("10");
  }

  @Test
  void refusesWhatIsNoTime() {
    LookupStep number = step(Missing.KEEP, new AsOf("at", "seq", Optional.empty(), List.of()));
    assertThatThrownBy(() -> found(number, PRICES, "lamp", "2026-01-01"))
        .hasMessage(
            "Expected a timestamp or date for as-of.valid-from, found seq, which is INT. Cast it in"
                + " a step above");

    LookupStep unknown = step(Missing.KEEP, new AsOf("when", "seq", Optional.empty(), List.of()));
    assertThatThrownBy(() -> found(unknown, PRICES, "lamp", "2026-01-01"))
        .hasMessage("Unknown column when in as-of.time. There are [item, at]");
  }
}
