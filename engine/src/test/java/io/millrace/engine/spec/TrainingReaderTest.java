package io.millrace.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainingReaderTest {
  private final Findings findings = new Findings();

  private Optional<TrainingSpec> read(String text) {
    return new YamlReader(Variables.of(Map.of()))
        .read(text, "train.yaml", findings)
        .flatMap(tree -> TrainingReader.read(tree, Path.of("/jobs"), findings));
  }

  @Test
  void keepsWhatIsNoWordForTheTrainer() {
    TrainingSpec training =
        read("""
                model: click_fraud
                from: {delta: {path: /clicks}, decode: {json: "a string"}}
                spark: {a: b}
                tables:
                  - {name: prices, delta: {path: /prices}}
                steps:
                  - {name: features, sql: "select * from input"}
                features: [hour]
                label: is_fraud
                """)
            .orElseThrow();

    assertThat(findings.list()).isEmpty();
    assertThat(training.model().text()).isEqualTo("click_fraud");
    assertThat(training.spark()).hasToString("{a=b}");
    assertThat(training.source().name().text()).isEqualTo("input");
    assertThat(training.source().part().kind()).isEqualTo("delta");
    assertThat(training.source().decode()).isPresent();
    assertThat(training.tables())
        .singleElement()
        .satisfies(
            table -> {
              assertThat(table.name().text()).isEqualTo("prices");
              assertThat(table.fixed()).isPresent();
            });
    assertThat(training.steps().get(0).from()).extracting(Word::text).containsExactly("input");
    assertThat(training.trainer().kind()).isEqualTo("pipeline");
    assertThat(((Tree.Fields) training.trainer().settings()).fields().keySet())
        .containsExactly("features", "label");
  }

  @Test
  void tellsOfEveryMistake() {
    assertThat(read("steps: [{name: X, sql: a}]\nlabel: x\n")).isEmpty();
    assertThat(read("model: A\nfrom: {name: x, delta: }\n")).isPresent();

    List<String> mistakes = findings.list().stream().map(Finding::toString).toList();
    assertThat(mistakes)
        .containsExactly(
            "train.yaml:1:1  Missing 'model'. Name it, such as model: click_fraud",
            "train.yaml:1:1  Missing 'from'. Name the table, such as from: {delta: {path: ...}}",
            "train.yaml:1:8  model: Cannot be named 'A'. Write small letters, digits and _, a letter"
                + " first, such as a",
            "train.yaml:1:16  steps.X.name: Cannot be named 'X'. Write small letters, digits and _,"
                + " a letter first, such as x",
            "train.yaml:2:8  from: Cannot have 'name' here. Leave it out");
  }
}
