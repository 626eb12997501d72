package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A job of DStreams that the system kills while it works, and that recovers from its checkpoint.
 */
class DStreamKillTest {
  private static final int FILES = 10;
  private static final int LINES = 40;

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoint
      engine: dstream
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text, max-files-per-batch: 2}
      steps:
        - sql: select value, cast(split(value, ' ')[0] as int) as key from lines
        - name: totals
          update-state: {by: [key], aggregate: {lines: count(1)}, unbounded: true}
      sinks:
        - name: rows
          from: sql
          jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_rows"}
          trigger: 500ms
        - name: totals
          from: totals
          jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_totals", keys: [key]}
          mode: update
          write: upsert
          trigger: 500ms
      """;

  private final String id = "k" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("dstream-kill");
  private final Random chance = new Random(5);
  private final Map<String, String> variables =
      Map.of(
          "ID", id,
          "HOME", home.toString(),
          "DB", LocalPostgres.shared().url(),
          "DB_USER", LocalPostgres.shared().user());

  @Test
  void countsEachLineOnceThoughItIsKilledInBetween() throws Exception {
    Path in = Files.createDirectories(home.resolve("in"));
    for (int file = 0; file < FILES; file++) {
      StringBuilder text = new StringBuilder();
      for (int line = 0; line < LINES; line++) {
        text.append(line % 7).append(' ').append(file).append(' ').append(line).append('\n');
      }
      Files.writeString(in.resolve("%02d.txt".formatted(file)), text);
    }
    try (JobProcess job = JobProcess.run(home, JOB, variables)) {
      job.until(() -> counted() >= FILES * LINES / 4);
      assertThat(job.process().waitFor(chance.nextInt(500), TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(counted()).as("killed before it was done").isLessThan(FILES * LINES);
    try (JobProcess job = JobProcess.run(home, JOB, variables)) {
      job.until(() -> counted() == FILES * LINES && number("count(*)", "_rows") == FILES * LINES);
    }

    assertThat(number("count(distinct value)", "_rows")).isEqualTo(FILES * LINES);
    for (int key = 0; key < 7; key++) {
      assertThat(number("max(lines)", "_totals where key = " + key))
          .isEqualTo(number("count(*)", "_rows where key = " + key));
    }
  }

  private long counted() {
    return exists() ? number("coalesce(sum(lines), 0)", "_totals") : 0;
  }

  private boolean exists() {
    return LocalPostgres.shared()
            .number("select count(*) from pg_tables where tablename = '" + id + "_totals'")
        == 1;
  }

  private long number(String what, String rows) {
    return LocalPostgres.shared().number("select " + what + " from " + id + rows);
  }
}
