package io.millrace.tests.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that runs the job by the command line's own main class. */
final class Victim implements AutoCloseable {
  private static final int TAIL = 15;

  private final Process process;
  private final Path log;
  private final long born = System.nanoTime();

  private Victim(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static Victim start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().put("MILLRACE_TERMINAL", "0");
    builder.environment().putAll(environment);
    return new Victim(builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
  }

  /** Since its start. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - born);
  }

  /** CPU seconds that it has used; 0 where the system does not tell. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1000.0;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** {@code kill -9}, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Halts it where it stands; nothing of it runs until {@link #wake}. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  void wake() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** Asks it to end in good order. */
  void terminate() throws IOException, InterruptedException {
    signal("TERM");
  }

  private void signal(String name) throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (exit != 0) {
      throw new IllegalStateException("Cannot send " + name + " to process " + process.pid());
    }
  }

  /** Waits for its end; whether it came. */
  boolean ended(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  int exit() {
    return process.exitValue();
  }

  /** All that it said. */
  String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "Cannot read " + log + ": " + e.getMessage();
    }
  }

  /** The end of what it said. */
  String last() {
    List<String> lines = said().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
