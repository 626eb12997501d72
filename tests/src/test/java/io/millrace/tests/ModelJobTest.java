package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.run.Training;
import io.millrace.engine.spi.Trainer;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A model from its training file to the rows that it scores. */
class ModelJobTest {
  private static final Path HOME = Folders.temporary("model-job");
  private static final Map<String, String> VARIABLES =
      Map.of(
          "DATA", Jobs.folder("conf/examples/data").toString(),
          "MODELS", HOME.toString(),
          "HOME", HOME.toString());
  private static final String JOB =
      """
      job: score
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: clicks
          files:
            path: ${DATA}/clicks
            format: csv
            header: true
            schema: click_id string, clicked_at timestamp, device string, hour int, dwell_ms bigint, is_fraud boolean
      steps:
        - name: scored
          score:
            model: ${MODELS}/suspicious_clicks
            output: {fraud: "probability[1]", verdict: prediction}
      dead-letters: drop
      sinks:
        - {name: out, memory: scored_clicks, trigger: available-now}
      """;

  private static Trainer.Trained trained;

  @BeforeAll
  static void train() {
    Path file = Jobs.folder("conf/examples").resolve("pipeline.yaml");
    trained = new Training(Sessions.spark()).run(Jobs.training(file, VARIABLES));
  }

  @Test
  void scoresEveryRowOfAStream() {
    Jobs.run(Jobs.plan(JOB, VARIABLES));

    List<Row> rows = MemorySink.rows("scored_clicks");
    assertThat(rows).hasSize(120);
    assertThat(rows)
        .allSatisfy(
            row -> {
              double fraud = row.getAs("fraud");
              assertThat(fraud).isBetween(0.0, 1.0);
              assertThat(row.<Double>getAs("verdict")).isEqualTo(fraud > 0.5 ? 1.0 : 0.0);
            });
    assertThat(rows.stream().filter(row -> row.<Double>getAs("fraud") > 0.5)).isNotEmpty();
  }

  @Test
  void measuresItself() {
    assertThat(trained.path()).contains(HOME + "/suspicious_clicks/").endsWith(trained.version());
    assertThat(trained.metrics()).isNotEmpty();
  }

  @Test
  void aModelThatIsNotThereIsAMistake() {
    assertThat(Jobs.lint(JOB.replace("suspicious_clicks", "suspicious_click"), VARIABLES))
        .singleElement()
        .asString()
        .startsWith(
            "job.yaml:11:11  steps.scored: Cannot find a model at " + HOME + "/suspicious_click");
  }

  @Test
  void aColumnThatTheModelMissesIsAMistake() {
    assertThat(Jobs.lint(JOB.replace(", hour int", ""), VARIABLES))
        .singleElement()
        .asString()
        .isEqualTo(
            "job.yaml:11:11  steps.scored: Cannot score these rows with the model suspicious_clicks: hour"
                + " int is missing. Add and cast columns in a step before");
  }
}
