package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spec.Findings;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static final String JOB =
      """
      job: shop
      checkpoint: /tmp/shop
      dead-letters: drop
      sources:
        - name: clicks
          memory: {name: clicks, schema: "value string"}
          decode: {json: "id string, ad string, price double, at timestamp"}
          watermark: {time: at, delay: 10s}
        - name: views
          memory: {name: views, schema: "id string, ad string, price double, at timestamp"}
        - name: ads
          memory: {name: ads, schema: "ad string, owner string"}
          static: true
      steps:
        - {name: owners, from: ads, sql: "select ad, upper(owner) as owner from ads"}
        - {name: valid, from: clicks, validate: [{rule: r, that: "price > 0"}]}
        - {name: checked, from: clicks, validate: [{rule: r, that: "price > 0", else: drop}]}
        - {name: owned, from: valid, lookup: {table: owners, on: [ad]}}
        - {name: per_minute, window: {time: at, every: 1m, by: [ad], aggregate: {n: count(1)}}}
        - {name: many, sql: select * from per_minute where n > 10}
        - {name: cheap, from: owned, sql: select * from owned where price < 1}
        - {name: dear, from: owned, sql: select * from owned where price > 9}
        - {name: extremes, union: [cheap, dear]}
        - {name: low, from: views, sql: "select id, ad from views"}
        - {name: all, union: {of: [low, valid], missing: nulls}}
      sinks:
        - {name: out, from: valid, rows: t}
      """;
  private static final Set<String> STATEFUL = Set.of("per_minute");

  private final Graph graph = graph();

  private static Graph graph() {
    Findings findings = new Findings();
    Plan plan =
        PlannerTest.read(JOB, findings)
            .flatMap(job -> new Planner(PlannerTest.catalog()).plan(job, findings))
            .orElseThrow(() -> new AssertionError(findings.list()));
    return new Graph(plan.inputs(), plan.stages());
  }

  @Test
  void aNodeReadsWhatItsSettingsNameToo() {
    assertThat(graph.parents("owned")).containsExactly("valid", "owners");
    assertThat(graph.parents("extremes")).containsExactly("cheap", "dear");
    assertThat(graph.parents("clicks")).isEmpty();
    assertThat(graph.input("owned")).isEmpty();
    assertThat(graph.stage("clicks")).isEmpty();
  }

  @Test
  void aboveANodeStandsAllThatItReadsAndItself() {
    assertThat(graph.upstream("many"))
        .containsExactly("clicks", "valid", "ads", "owners", "owned", "per_minute", "many");
    assertThat(graph.upstream("views")).containsExactly("views");
  }

  @Test
  void everyNodeComesBehindWhatItReads() {
    assertThat(graph.order()).doesNotHaveDuplicates().hasSize(14);
    for (String node : graph.order()) {
      assertThat(graph.order().subList(0, graph.order().indexOf(node)))
          .containsAll(graph.parents(node));
    }
  }

  @Test
  void aStepOverTablesIsATable() {
    assertThat(graph.streams("ads")).isFalse();
    assertThat(graph.streams("owners")).isFalse();
    assertThat(graph.streams("owned")).isTrue();
    assertThat(graph.streamParents("owned")).containsExactly("valid");
    assertThat(graph.streamParents("owners")).isEmpty();
  }

  @Test
  void whatDecodesOrSendsToTheDeadLettersTags() {
    assertThat(graph.order().stream().filter(graph::tags)).containsExactly("clicks", "valid");
    assertThat(graph.tags("nothing")).isFalse();
  }

  @Test
  void theRootIsTheLastStepWithStateElseTheSourceElseWhereStreamsMeet() {
    assertThat(graph.root("many", STATEFUL)).isEqualTo("per_minute");
    assertThat(graph.root("per_minute", STATEFUL)).isEqualTo("per_minute");
    assertThat(graph.root("extremes", STATEFUL)).isEqualTo("clicks");
    assertThat(graph.root("owned", STATEFUL)).isEqualTo("clicks");
    assertThat(graph.root("all", STATEFUL)).isEqualTo("all");
    assertThat(graph.root("all", Set.of("valid"))).isEqualTo("all");
    assertThat(graph.root("owned", Set.of("valid"))).isEqualTo("valid");
  }

  @Test
  void theSpineHoldsWhatEveryWayPasses() {
    assertThat(graph.spine("clicks", "extremes"))
        .containsExactly("clicks", "valid", "owned", "extremes");
    assertThat(graph.spine("per_minute", "many")).containsExactly("per_minute", "many");
    assertThat(graph.spine("clicks", "clicks")).containsExactly("clicks");
    assertThat(graph.spine("all", "all")).containsExactly("all");
  }
}
