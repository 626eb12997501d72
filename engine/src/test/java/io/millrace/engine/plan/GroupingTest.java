package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spi.Mode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupingTest {
  private static final String JOB =
      """
      job: shop
      checkpoint: /tmp/shop
      dead-letters: {batches: letters}
      sources:
        - name: clicks
          memory: {name: clicks, schema: "value string"}
          decode: {json: "id string, ad string, price double, at timestamp"}
          watermark: {time: at, delay: 10s}
        - name: views
          memory: {name: views, schema: "value string"}
          decode: {json: "id string, ad string, price double, at timestamp"}
      steps:
        - {name: valid, from: clicks, validate: [{rule: r, that: "price > 0", else: dead-letter}]}
        - {name: per_minute, window: {time: at, every: 1m, by: [ad], aggregate: {n: count(1)}}}
        - {name: many, sql: select * from per_minute where n > 10}
        - {name: both, union: [clicks, views]}
        - {name: once, from: valid, dedupe: {keys: [id, at]}}
        - {name: after_once, window: {time: at, every: 1m, by: [ad], aggregate: {n: count(1)}}}
      sinks:
      """;

  private static List<Plan.Query> queries(String... sinks) {
    return queriesOf(JOB, sinks);
  }

  private static List<Plan.Query> queriesOf(String written, String... sinks) {
    StringBuilder text = new StringBuilder(written);
    for (String sink : sinks) {
      text.append("  - {").append(sink).append("}\n");
    }
    Findings findings = new Findings();
    return PlannerTest.read(text.toString(), findings)
        .flatMap(job -> new Planner(PlannerTest.catalog()).plan(job, findings))
        .orElseThrow(() -> new AssertionError(findings.list()))
        .queries();
  }

  private static List<String> told(String... sinks) {
    return queries(sinks).stream().map(q -> q.name() + " " + q.outputs() + " " + q.tags()).toList();
  }

  @Test
  void sinksOfOneStatelessPathShareAQueryThatOwnsTheDeadLetters() {
    assertThat(told("name: raw, from: clicks, rows: t", "name: dear, from: valid, rows: t"))
        .containsExactly("clicks [raw, dear] [clicks, valid]");
  }

  @Test
  void lateRowsBelongToTheFirstQueryWithTheirState() {
    String keeping = JOB.replace("delay: 10s}", "delay: 10s, late: keep}");
    assertThat(
            queriesOf(
                    keeping,
                    "name: table, from: per_minute, rows: t, mode: complete",
                    "name: minutes, from: per_minute, rows: t",
                    "name: more, from: per_minute, rows: t, mode: update",
                    "name: after, from: after_once, rows: t",
                    "name: first, from: once, rows: t")
                .stream()
                .map(query -> query.name() + " " + query.tags()))
        .containsExactly(
            "per_minute_complete []",
            "per_minute [clicks, valid, per_minute]",
            "per_minute_update []",
            "after_once [once]",
            "once []");
  }

  @Test
  void theTriggerPartsQueriesAndOneOfThemOwnsTheDeadLetters() {
    assertThat(
            told(
                "name: raw, from: clicks, rows: t",
                "name: slow, from: clicks, rows: t, trigger: 10s"))
        .containsExactly("clicks [raw] [clicks]", "clicks_every_10000ms [slow] []");
  }

  @Test
  void theModePartsQueriesOnlyWhereThereIsState() {
    assertThat(
            told(
                "name: a, from: clicks, rows: t",
                "name: b, from: clicks, rows: t, mode: update",
                "name: c, from: per_minute, rows: t",
                "name: d, from: many, rows: t",
                "name: e, from: per_minute, rows: t, mode: update",
                "name: f, from: per_minute, rows: t, mode: complete"))
        .containsExactly(
            "clicks [a, b] [clicks, valid]",
            "per_minute [c, d] []",
            "per_minute_update [e] []",
            "per_minute_complete [f] []");
  }

  @Test
  void namesStayWhenAnotherSinkComesOrGoes() {
    String state = "name: c, from: many, rows: t, mode: update";
    String raw = "name: raw, from: clicks, rows: t";
    String more = "name: more, from: valid, batches: t";
    assertThat(queries(state).get(0).name()).isEqualTo("per_minute_update");
    assertThat(Arrays.stream(new String[][] {{raw, state}, {state, raw}, {more, raw, state}}))
        .allSatisfy(
            sinks ->
                assertThat(queries(sinks).stream().map(Plan.Query::name))
                    .containsExactlyInAnyOrder("clicks", "per_minute_update"));
  }

  @Test
  void theFirstQueryWithStateOwnsTheDeadLettersWhereNoneIsWithout() {
    assertThat(
            told(
                "name: c, from: per_minute, rows: t, mode: update", "name: d, from: once, rows: t"))
        .containsExactly("per_minute_update [c] [clicks, valid]", "once [d] []");
  }

  @Test
  void completeModeCannotCarryDeadLettersBesideItsRows() {
    List<Plan.Query> queries = queries("name: f, from: per_minute, rows: t, mode: complete");

    assertThat(queries.stream().map(q -> q.name() + " " + q.outputs() + " " + q.tags()))
        .containsExactly("per_minute_complete [f] []", "clicks [] [clicks, valid]");
    assertThat(queries.get(1).mode()).isEqualTo(Mode.APPEND);
    assertThat(queries.get(1).stateful()).isFalse();
  }

  @Test
  void whereTwoSourcesMeetIsARootOfItsOwn() {
    assertThat(told("name: u, from: both, rows: t")).containsExactly("both [u] [clicks, views]");
    assertThat(told("name: u, from: both, rows: t", "name: raw, from: views, rows: t"))
        .containsExactly("both [u] [clicks]", "views [raw] [views]");
  }

  @Test
  void theLastOfTwoStepsWithStateIsTheRoot() {
    List<Plan.Query> queries = queries("name: w, from: after_once, rows: t");

    assertThat(queries).hasSize(1);
    assertThat(queries.get(0).name()).isEqualTo("after_once");
    assertThat(queries.get(0).stateful()).isTrue();
    assertThat(queries.get(0).tags()).containsExactly("clicks", "valid");
  }
}
