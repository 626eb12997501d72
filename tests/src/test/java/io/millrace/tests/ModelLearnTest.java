package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.PartState;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.Sessions;
import io.millrace.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Jobs that learn, and score with what they learned. */
class ModelLearnTest {
  private static final String LEARN =
      """
      job: NAME
      checkpoint: ${HOME}/NAME
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text, max-files-per-batch: 1}
      steps:
        - {name: visits, sql: "select value as id, double(length(value)) as size, 3d * length(value) + 1 as price from lines"}
      STEPS
      sinks:
        - name: learned
          from: visits
          learn:
            model: ${HOME}/prices
            algorithm: {linear-regression: {step: 0.05, iterations: 4}}
            features: [size]
            label: price
            publish-every: 1
            start: START
          trigger: TRIGGER
      """;
  private static final String FIRST =
      LEARN
          .replace("NAME", "first")
          .replace("STEPS\n", "\n")
          .replace("START", "new")
          .replace("TRIGGER", "available-now");
  private static final String BOTH =
      LEARN
              .replace("NAME", "both")
              .replace(
                  "STEPS\n",
                  """
                    - name: scored
                      from: visits
                      score: {model: "${HOME}/prices", output: {told: prediction}, version: scored_by, reload: on-change}
                  dead-letters: drop
                  """)
              .replace("START", "current")
              .replace("TRIGGER", "100ms")
          + """
            - name: out
              from: scored
              files: {path: "${HOME}/out", format: json}
              trigger: 100ms
          """;

  private final Path home = Folders.temporary("learn");
  private final Map<String, String> variables = Map.of("HOME", home.toString());
  private final BlockingQueue<BatchReport> reports = new LinkedBlockingQueue<>();

  /** One file that learns and scores: the versions that it makes take over while it runs. */
  @Test
  void scoresWithWhatItLearnedBefore() throws Exception {
    LineFolder lines = new LineFolder(Files.createDirectories(home.resolve("in")).toString());
    lines.add("a", "bb", "ccc");
    assertThat(Jobs.run(Jobs.plan(FIRST, variables))).isEqualTo(Map.of("learned", 3L));
    ModelStore store = ModelStore.at(home.resolve("prices").toString());
    String first = store.current().orElseThrow();

    Launcher launcher = new Launcher(Sessions.spark(), reports::add, List.of());
    try (RunningJob job = launcher.launch(Jobs.plan(BOTH, variables))) {
      String version = first;
      for (int fed = 0; version.equals(first); fed++) {
        lines.add("a".repeat(1 + fed % 3));
        version = scored();
      }
      assertThat(job.await(java.time.Duration.ofMillis(1))).as("still runs").isFalse();
    }

    Dataset<Row> out = Sessions.spark().read().json(home.resolve("out").toString());
    Set<String> used =
        out.select("scored_by").distinct().collectAsList().stream()
            .map(row -> row.getString(0))
            .collect(Collectors.toSet());
    assertThat(used).contains(first).hasSizeGreaterThan(1);
    assertThat(store.versions()).containsAll(used);
    assertThat(out.filter("told is null").count()).isZero();
    assertThat(rowsLearned(store)).isGreaterThan(3);
  }

  private static long rowsLearned(ModelStore store) {
    return store.version(store.current().orElseThrow()).manifest().trainingRows();
  }

  /** The version that scored the next batch that was scored. */
  private String scored() throws InterruptedException, IOException {
    while (true) {
      BatchReport report = reports.poll(60, TimeUnit.SECONDS);
      assertThat(report).as("a batch within a minute").isNotNull();
      PartState state = report.parts().get("scored");
      if (state != null) {
        return state.version();
      }
    }
  }
}
