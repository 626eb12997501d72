package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A job that the system kills in the middle of its batches, again and again. */
class KafkaKillTest {
  private static final int KILLS = 2;
  private static final int ROWS = 3_000;
  private static final int BATCH = 200;

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: lines
          kafka: {servers: "${KAFKA}", topics: ["${ID}-in"], max-per-batch: 200}
          decode: {text: {}}
      dead-letters: drop
      sinks:
        - name: out
          kafka: {servers: "${KAFKA}", topic: "${ID}-out", value: value}
          delivery: exactly-once
      """;

  private final String id = "kill" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("kill");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "ID", id, "KAFKA", servers());
  private final Random chance = new Random(11);

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  @Test
  void leavesEachRowOnceHoweverOftenItIsKilled() throws Exception {
    LocalBroker.shared().createTopic(id + "-in", 1);
    LocalBroker.shared().createTopic(id + "-out", 1);
    List<String> lines = IntStream.range(0, ROWS).mapToObj(n -> "line " + n).toList();
    Topics.write(servers(), id + "-in", lines.toArray(String[]::new));
    for (int kill = 0; kill < KILLS; kill++) {
      killInABatch(visible() + 3 * BATCH);
    }
    assertThat(visible()).as("killed before it was done").isLessThan(ROWS);
    Jobs.run(Jobs.plan(JOB + "    trigger: available-now\n", variables));

    Topics.awaitDecided(servers(), id + "-out");
    assertThat(Topics.values(servers(), id + "-out")).containsExactlyInAnyOrderElementsOf(lines);
  }

  /** Rows that a reader of committed records sees: those of whole batches. */
  private int visible() {
    int rows = Topics.values(servers(), id + "-out").size();
    assertThat(rows % BATCH).as("rows of a batch that is not committed").isZero();
    return rows;
  }

  private void killInABatch(int rows) throws IOException, InterruptedException {
    try (JobProcess job = JobProcess.run(home, JOB, variables)) {
      job.until(() -> visible() >= rows);
      assertThat(job.process().waitFor(chance.nextInt(200), TimeUnit.MILLISECONDS)).isFalse();
    }
  }
}
