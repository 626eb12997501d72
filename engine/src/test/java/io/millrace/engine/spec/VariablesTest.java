package io.millrace.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariablesTest {
  private static String replaced(Variables variables, String text) {
    Findings findings = new Findings();
    String found =
        variables.replace(text, List.of(), new Position("job.yaml", 1, 1), "a", findings).text();
    findings.throwIfAny();
    return found;
  }

  @Test
  void takesWhatWasSentAlongFirst() {
    Variables variables = Variables.of(Map.of("A", "here", "B", "here")).with(Map.of("A", "sent"));

    assertThat(replaced(variables, "${A} ${B} ${C:-default}")).isEqualTo("sent here default");
  }

  @Test
  void leavesFilesOfAnotherMachineAlone() {
    Variables variables = Variables.of(Map.of()).elsewhere();

    assertThat(replaced(variables, "${file:/run/secrets/on_the_cluster}"))
        .isEqualTo("/run/secrets/on_the_cluster");
  }

  @Test
  void namesWhatATextNeedsFromTheEnvironment() {
    assertThat(
            Variables.needed(
                "a: ${KAFKA},${DB} ${LAKE:-/lake} ${file:/secret} $${PLAIN} ${DB} ${not a name}"))
        .containsExactly("DB", "KAFKA");
  }
}
