package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A job that the command runs in a process of its own, which closing kills. */
record JobProcess(Process process, Path log) implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Starts the job of a text in a folder, with the values of the variables put into it. */
  static JobProcess run(Path folder, String text, Map<String, String> variables)
      throws IOException {
    String known = text;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      known = known.replace("${" + variable.getKey() + "}", variable.getValue());
    }
    Path job = Files.writeString(folder.resolve("job.yaml"), known);
    Path log = Files.createTempFile(folder, "log", ".txt");
    Path logs = Jobs.folder("conf").resolve("log4j2.properties");
    ProcessBuilder command =
        new ProcessBuilder(Jobs.command(logs, List.of(), "run", job.toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    return new JobProcess(command.start(), log);
  }

  /** Waits until something is so; fails with the job's log if it ends or takes too long. */
  void until(BooleanSupplier so) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!so.getAsBoolean()) {
      assertThat(process.waitFor(50, TimeUnit.MILLISECONDS)).as(Files.readString(log)).isFalse();
      assertThat(System.nanoTime()).as(Files.readString(log)).isLessThan(deadline);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
