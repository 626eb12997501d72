package io.millrace.engine.step;

import static io.millrace.engine.step.Tables.rows;
import static io.millrace.engine.step.Tables.run;
import static io.millrace.engine.step.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.step.UnionStep.Missing;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnionStepTest {
  private static UnionStep union(Missing missing) {
    return new UnionStep(new UnionStep.Settings(List.of("one", "two"), missing));
  }

  @Test
  void putsColumnsTogetherByNameAndAlignsHiddenOnes() {
    assertThat(
            rows(
                run(
                    union(Missing.REFUSE),
                    table("one", "select 1 as a, 'x' as b, 'dead' as _dead"),
                    table("two", "select 'y' as b, 2 as a"))))
        .containsExactly("[1,x,dead]", "[2,y,null]");
  }

  @Test
  void refusesOrFillsAColumnThatIsMissing() {
    assertThatThrownBy(
            () ->
                run(
                    union(Missing.REFUSE),
                    table("one", "select 1 as a, 2 as b"),
                    table("two", "select 1 as a")))
        .hasMessage("Missing column b in two. Select it there, or write missing: nulls");
    assertThat(
            rows(
                run(
                    union(Missing.NULLS),
                    table("one", "select 1 as a, 2 as b"),
                    table("two", "select 3 as a"))))
        .containsExactly("[1,2]", "[3,null]");
  }
}
