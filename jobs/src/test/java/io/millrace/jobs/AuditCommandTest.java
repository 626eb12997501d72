package io.millrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  /** What the command printed, and what it ended with. */
  private record Ended(int exit, String out) {}

  private static Ended audit(Path file) {
    StringWriter out = new StringWriter();
    int exit =
        Main.commandLine().setOut(new PrintWriter(out, true)).execute("audit", file.toString());
    return new Ended(exit, out.toString());
  }

  @Test
  void showsWhatBecameOfEveryRowAndFindsABatchThatIsMissing() throws IOException {
    Path in = Files.createDirectory(folder.resolve("in"));
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            job: audited
            checkpoint: %s/checkpoint
            sources:
              - name: lines
                files: {path: %s, format: text}
                decode: {json: "id int not null"}
            steps:
              - {name: small, validate: [{rule: limit, that: id < 100, else: drop}]}
            dead-letters: drop
            sinks:
              - {name: out, when: id > 1, console: {}, trigger: available-now}
            """
                .formatted(folder, in));
    assertThat(audit(file)).extracting(Ended::exit).isEqualTo(Exit.DONE);
    for (int batch = 0; batch < 3; batch++) {
      Files.write(
          in.resolve(batch + ".txt"), List.of("{\"id\":1}", "{\"id\":2}", "{\"id\":100}", "no"));
      run(file);
    }

    Ended whole = audit(file);
    assertThat(whole.out())
        .contains("query lines, batches 0 to 2, until ")
        .containsPattern("intake +lines +read 12, passed 9 \\+ dead 3 \\+ dropped 0\n")
        .containsPattern("intake +small +read 9, passed 6 \\+ dead 0 \\+ dropped 3\n")
        .containsPattern("in and out +when of out +in 6, out 3\n")
        .containsPattern("sink +out +arrived 3, written 3 \\+ rejected 0 \\+ already there 0\n")
        .contains("query lines, batch 2, ")
        .endsWith("Every row is accounted for.\n");
    assertThat(whole.exit()).isEqualTo(Exit.DONE);

    try (Stream<Path> all = Files.walk(folder.resolve("checkpoint/ledger/lines"))) {
      for (Path account : all.filter(path -> path.toString().contains("batch-1")).toList()) {
        Files.delete(account);
      }
    }
    Ended gap = audit(file);
    assertThat(gap.out()).contains("Not accounted for: batch 1\n");
    assertThat(gap.exit()).isEqualTo(Exit.UNEQUAL);
  }

  private static void run(Path file) {
    Plan plan = new JobFiles().plan(file, Analyzer.Run.STREAM).plan();
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      job.await();
    }
  }
}
