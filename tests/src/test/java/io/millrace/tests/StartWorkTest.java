package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.Test;

/** What Spark has to do before a job goes on. */
class StartWorkTest {
  private static final int TASKS = 3;

  private static final String JOB =
      """
      job: start_work
      checkpoint: ${HOME}/checkpoints
      spark:
        spark.databricks.delta.snapshotPartitions: "%d"
      sources:
        - {name: numbers, files: {path: "${HOME}/in", format: json, schema: n int}}
      dead-letters: drop
      sinks:
        - {name: table, delta: {path: "${HOME}/table"}, trigger: available-now}
      """
          .formatted(TASKS);

  private final Path home = Folders.temporary("start-work");

  /** The jobs that read the log of a table, by the tasks of their widest stage. */
  private static final class LogReads extends SparkListener {
    private final Queue<Integer> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      String what = job.properties().getProperty("spark.job.description", "");
      if (what.contains("Compute snapshot")) {
        int most = 0;
        for (int at = 0; at < job.stageInfos().size(); at++) {
          most = Math.max(most, job.stageInfos().apply(at).numTasks());
        }
        tasks.add(most);
      }
    }
  }

  private void run() {
    try (RunningJob job =
        new Launcher(Sessions.spark()).launch(Jobs.plan(JOB, Map.of("HOME", home.toString())))) {
      job.await();
    }
  }

  @Test
  void readsTheLogOfATableOnceAndWithAsManyTasksAsTheJobSays() throws Exception {
    number(1);
    run();
    number(2);
    DeltaLog.clearCache();
    SparkSession before = SparkSession.active();
    LogReads reads = new LogReads();
    Sessions.spark().sparkContext().addSparkListener(reads);
    try {
      run();
      Sessions.spark().sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      Sessions.spark().sparkContext().removeSparkListener(reads);
    }
    assertThat(List.copyOf(reads.tasks)).hasSizeLessThanOrEqualTo(3).contains(TASKS);
    assertThat(reads.tasks).allMatch(tasks -> tasks <= TASKS);
    assertThat(SparkSession.active()).isSameAs(before);
  }

  private void number(int number) throws IOException {
    Path in = Files.createDirectories(home.resolve("in"));
    Files.writeString(in.resolve(number + ".json"), "{\"n\": " + number + "}\n");
  }
}
