package io.millrace.engine.step;

import static io.millrace.engine.step.Tables.columns;
import static io.millrace.engine.step.Tables.rows;
import static io.millrace.engine.step.Tables.run;
import static io.millrace.engine.step.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import io.millrace.engine.step.LookupStep.Missing;
import java.util.List;
import org.junit.jupiter.api.Test;

class LookupStepTest {
  private static LookupStep lookup(Missing missing, String... columns) {
    return new LookupStep(new LookupStep.Settings("ads", List.of("ad"), missing, List.of(columns)));
  }

  private static Planned.Input clicks() {
    return table(
        "clicks",
        "select ad, n, if(n = 3, named_struct('rule', 'r'), null) as _dead from values ('a', 1),"
            + " ('x', 2), ('a', 3), (null, 4), ('y', 3) as v(ad, n)");
  }

  private static Planned.Input ads() {
    return table("ads", "select 'a' as ad, 'Ann' as owner, 1 as _source, true as live");
  }

  @Test
  void addsTheColumnsOfTheTableAndLeavesDeadRowsAlone() {
    assertThat(columns(run(lookup(Missing.KEEP), clicks(), ads())))
        .containsExactly("ad", "n", "_dead", "owner", "live");
    assertThat(rows(run(lookup(Missing.KEEP, "owner"), clicks(), ads())))
        .containsExactly(
            "[a,1,null,Ann]",
            "[a,3,[r],null]",
            "[null,4,null,null]",
            "[x,2,null,null]",
            "[y,3,[r],null]");
  }

  @Test
  void dropsRowsThatTheTableDoesNotKnowButNoDeadOnes() {
    assertThat(rows(run(lookup(Missing.DROP, "owner"), clicks(), ads())))
        .containsExactly("[a,1,null,Ann]", "[a,3,[r],null]", "[y,3,[r],null]");
  }

  @Test
  void namesTheColumnThatBothHave() {
    assertThatThrownBy(
            () -> run(lookup(Missing.KEEP), clicks(), table("ads", "select 'a' as ad, 1 as N")))
        .hasMessageStartingWith("Cannot add the column N of ads: the rows have one of that name.");
    assertThatThrownBy(() -> run(lookup(Missing.KEEP, "who"), clicks(), ads()))
        .hasMessageStartingWith("Unknown column who in columns. There are [ad, owner, live]");
    assertThat(lookup(Missing.KEEP).reads(List.of("clicks"))).containsExactly("clicks", "ads");
  }
}
