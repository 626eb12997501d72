package io.millrace.engine.step;

import static io.millrace.engine.step.Tables.columns;
import static io.millrace.engine.step.Tables.rows;
import static io.millrace.engine.step.Tables.run;
import static io.millrace.engine.step.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlStepTest {
  private static final String CLICKS =
      "select * from values ('a', 1, named_struct('offset', 7L), X'01'),"
          + " ('b', 2, named_struct('offset', 8L), X'02') as t(ad, price, _source, _raw)";

  private static SqlStep sql(String query) {
    return new SqlStep(new SqlStep.Settings(query, false));
  }

  private static List<String> reads(String query) {
    return sql(query).reads(List.of("above"));
  }

  private static Planned.Input clicks() {
    return table("clicks", CLICKS);
  }

  @Test
  void readsWhatItNamesAlsoInSubqueriesAndOnce() {
    assertThat(
            reads(
                "select * from clicks c join ads a on c.ad = a.ad"
                    + " where c.user in (select user from known) and exists (select 1 from Clicks)"))
        .containsExactly("clicks", "ads", "known");
  }

  @Test
  void readsNoCommonTableExpressionButAnInputThatOnlyAnInnerOneHides() {
    assertThat(reads("with a as (select * from b), c as (select * from a) select * from c, a"))
        .containsExactly("b");
    assertThat(reads("with x as (with y as (select 1 as n) select n from y) select * from x, y"))
        .containsExactly("y");
    assertThat(reads("with a as (select * from a) select * from a")).containsExactly("a");
  }

  @Test
  void refusesWhatIsNoNameOfAStep() {
    assertThatThrownBy(() -> reads("select * from lake.clicks"))
        .hasMessage(
            "Cannot read from lake.clicks. Expected the name of a source or a step, such as"
                + " clicks");
    assertThatThrownBy(() -> reads("select * from clicks version as of 3"))
        .hasMessage("Cannot travel in time here. A table's version belongs to its source");
    assertThatThrownBy(() -> reads("select 1 as one"))
        .hasMessage("Needs a source or a step to read from. Write select … from <name>");
    assertThatThrownBy(() -> new SqlStep.Settings(" ", false))
        .hasMessage("Missing query. Write a SELECT over a source or a step");
  }

  @Test
  void refusesEverythingThatIsNoQuery() {
    for (String command :
        List.of(
            "insert into a select * from b",
            "drop table a",
            "set x=1",
            "create view v as select 1")) {
      assertThatThrownBy(() -> reads(command))
          .hasMessage(
              "Expected a SELECT, found "
                  + command.split(" ", 2)[0]
                  + ". A step reads rows and changes nothing else");
    }
    assertThat(reads("-- why\n/* and\nhow */ (select * from a);\n")).containsExactly("a");
  }

  @Test
  void tellsTheLineAndColumnOfASyntaxError() {
    TextFault fault =
        catchThrowableOfType(TextFault.class, () -> reads("select ad,\n  price form clicks c d"));
    assertThat(fault).hasMessage("Cannot read the SQL: syntax error at or near 'clicks'.");
    assertThat(fault.setting()).isEqualTo("query");
    assertThat(List.of(fault.line(), fault.column())).containsExactly(2, 14);
  }

  @Test
  void carriesTheCoordinatesOfRowsThatItOnlyPicksAndFilters() {
    assertThat(columns(run(sql("select ad from clicks where price > 1"), clicks())))
        .containsExactly("ad", "_source", "_raw");
    assertThat(
            columns(
                run(
                    sql("select upper(x) from (select ad as x from clicks c) d where x = 'a'"),
                    clicks())))
        .containsExactly("upper(x)", "_source", "_raw");
    assertThat(rows(run(sql("select price * 2 as p from clicks"), clicks())).toString())
        .contains("[2,[7]", "[4,[8]");
  }

  @Test
  void addsNothingToASelectListThatHasTheCoordinates() {
    assertThat(columns(run(sql("select * from clicks"), clicks())))
        .containsExactly("ad", "price", "_source", "_raw");
    assertThat(columns(run(sql("select c.*, 1 as n from clicks c"), clicks())))
        .containsExactly("ad", "price", "_source", "_raw", "n");
    assertThat(columns(run(sql("select _source, ad, 'x' as _raw from clicks"), clicks())))
        .containsExactly("_source", "ad", "_raw");
  }

  @Test
  void dropsTheCoordinatesWhereRowsAreNoLongerThoseOfTheSource() {
    for (String query :
        List.of(
            "select count(1) as n from clicks",
            "select distinct ad as n from clicks",
            "select ad as n from clicks group by ad",
            "select explode(array(1, 2)) as n from clicks",
            "select row_number() over (partition by ad order by price) as n from clicks",
            "select a.ad as n from clicks a join clicks b on a.ad = b.ad")) {
      assertThat(columns(run(sql(query), clicks()))).as(query).containsExactly("n");
    }
  }

  @Test
  void putsTheInputsInPlaceInSubqueriesAndCommonTableExpressions() {
    assertThat(
            rows(
                run(
                    sql(
                        "with dear as (select ad, price from clicks where price > 1) select ad,"
                            + " (select max(price) from clicks) as top from dear where ad in"
                            + " (select ad from ads)"),
                    clicks(),
                    table("ads", "select 'b' as ad"))))
        .containsExactly("[b,2]");
    assertThat(
            rows(
                run(
                    sql("select ad from clicks union all select ad from ads"),
                    clicks(),
                    table("ads", "select 'z' as ad"))))
        .containsExactly("[a]", "[b]", "[z]");
  }

  @Test
  void keepsStateWhereItGroupsOrComparesRows() {
    for (String query :
        List.of(
            "select ad, sum(price) from clicks group by ad",
            "select count(1) + 1 from clicks",
            "select distinct ad from clicks",
            "select ad from clicks union select ad from ads",
            "select ad from clicks except select ad from ads",
            "select max(price) from clicks having max(price) > 1",
            "with x as (select bool_or(price > 1) from clicks) select * from x")) {
      assertThat(sql(query).stateful()).as(query).isTrue();
    }
    for (String query :
        List.of(
            "select ad, price from clicks where price > 1",
            "select ad from clicks union all select ad from ads",
            "select sum(price) over (partition by ad) from clicks",
            "select explode(array(ad)) from clicks")) {
      assertThat(sql(query).stateful()).as(query).isFalse();
    }
  }
}
