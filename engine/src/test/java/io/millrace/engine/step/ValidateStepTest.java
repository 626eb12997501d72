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
import io.millrace.engine.step.ValidateStep.Fate;
import io.millrace.engine.step.ValidateStep.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidateStepTest {
  private static final String CLICKS =
      "select id, price, user, named_struct('topic', 'c', 'partition', 0, 'offset', id, 'key', X'41')"
          + " as _source from values (1L, 2, 'u'), (2L, -1, 'u'), (3L, null, null), (4L, 9, 'v') as"
          + " t(id, price, user)";

  private static Planned.Input clicks() {
    return table("clicks", CLICKS);
  }

  private static ValidateStep validate(Rule... rules) {
    return new ValidateStep(new ValidateStep.Settings(List.of(rules))).named("valid");
  }

  private static Rule rule(String name, String that, Fate fate) {
    return new Rule(name, that, fate);
  }

  @Test
  void tagsARowThatIsFalseOrNullAndNamesEveryRuleThatItBreaks() {
    ValidateStep step =
        validate(
            rule("paid", "price > 0", Fate.DEAD_LETTER),
            rule("known", "user is not\n null", Fate.DEAD_LETTER),
            rule("cheap", "price < 5", Fate.WARN));
    assertThat(rows(run(step, clicks()).select("id", "_dead")))
        .containsExactly(
            "[1,null]",
            "[2,[null,valid,paid,paid: expected price > 0]]",
            "[3,[null,valid,paid, known, cheap,paid: expected price > 0; known: expected user is"
                + " not null; cheap: expected price < 5]]",
            "[4,null]");
    assertThat(step.tags()).isTrue();
    assertThat(step.keepsDead()).isTrue();
  }

  @Test
  void dropsKeepsAndLetsTheStricterFateWin() {
    ValidateStep step =
        validate(
            rule("paid", "price > 0", Fate.DROP),
            rule("known", "user is not null", Fate.DEAD_LETTER),
            rule("cheap", "price < 5", Fate.WARN));
    assertThat(rows(run(step, clicks()).select("id", "_dead.rule")))
        .containsExactly("[1,null]", "[3,paid, known, cheap]", "[4,null]");
  }

  @Test
  void addsNoColumnWhereNoRuleMakesDeadLetters() {
    ValidateStep step = validate(rule("paid", "price > 0", Fate.DROP));
    assertThat(columns(run(step, clicks()))).containsExactly("id", "price", "user", "_source");
    assertThat(rows(run(step, clicks()).select("id"))).containsExactly("[1]", "[4]");
    assertThat(step.tags()).isFalse();
  }

  @Test
  void leavesDeadRowsAsTheyAre() {
    ValidateStep first = validate(rule("paid", "price > 0", Fate.DEAD_LETTER)).named("first");
    Planned.Input tagged = new Planned.Input("first", Tables.analysed(run(first, clicks())));
    ValidateStep second =
        validate(
            rule("never", "false", Fate.DROP),
            rule("fatal", "price > 0", Fate.FAIL),
            rule("odd", "price / 0 > 1", Fate.WARN));
    assertThat(rows(run(second, tagged).select("id", "_dead.step", "_dead.rule")))
        .containsExactly("[2,first,paid]", "[3,first,paid]");
  }

  @Test
  void countsAConditionThatCannotBeComputedAsBroken() {
    ValidateStep step =
        validate(
            rule("one", "cast(user as int) > 0", Fate.DEAD_LETTER),
            rule("two", "cast(user as int) < 9", Fate.DEAD_LETTER),
            rule("three", "1 / (price - price) > 0", Fate.DEAD_LETTER));
    assertThat(rows(run(step, clicks()).select("id", "_dead.rule")))
        .containsExactly(
            "[1,one, two, three]",
            "[2,one, two, three]",
            "[3,one, two, three]",
            "[4,one, two, three]");
  }

  @Test
  void stopsTheJobWithTheRuleTheConditionAndTheCoordinates() {
    ValidateStep step = validate(rule("paid", "price > -1", Fate.FAIL));
    assertThatThrownBy(() -> run(step, table("clicks", CLICKS + " where id = 2")).collect())
        .hasStackTraceContaining(
            "Rule paid of step valid is broken: expected price > -1. The row came from topic c"
                + " partition 0 offset 2");
  }

  @Test
  void refusesRulesThatCannotBeRead() {
    TextFault fault =
        catchThrowableOfType(
            TextFault.class,
            () ->
                run(
                    validate(rule("a", "true", Fate.DROP), rule("b", "price >\n > 0", Fate.DROP)),
                    clicks()));
    assertThat(fault).hasMessage("Cannot read the SQL: syntax error at or near '>'.");
    assertThat(fault.setting()).isEqualTo("rules.1.that");
    assertThat(List.of(fault.line(), fault.column())).containsExactly(2, 2);
    assertThatThrownBy(() -> run(validate(rule("a", "sum(price) > 0", Fate.DROP)), clicks()))
        .isInstanceOf(TextFault.class)
        .hasMessageStartingWith("Cannot aggregate in a rule: sum(price) > 0.");
    assertThatThrownBy(() -> run(validate(rule("a", "price", Fate.DROP)), clicks()))
        .hasMessageContaining("BOOLEAN");
  }

  @Test
  void refusesNoRulesAndTwoOfOneName() {
    assertThatThrownBy(() -> validate())
        .hasMessageStartingWith("Missing rules. Write at least one");
    assertThatThrownBy(() -> validate(rule("a", "true", Fate.DROP), rule("a", "false", Fate.WARN)))
        .hasMessage("Cannot have two rules named a. Give each a name of its own");
  }
}
