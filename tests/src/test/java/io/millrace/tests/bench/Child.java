package io.millrace.tests.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs an order in a JVM of its own; every JVM gets the same flags. */
final class Child {
  /** What each JVM starts with, beside the modules that Spark needs opened. */
  static final List<String> FLAGS =
      List.of("-Xms1g", "-Xmx2g", "-XX:+UseParallelGC", "-XX:ParallelGCThreads=2");

  private static final long PATIENCE_MINUTES = 30;
  private static final int TAIL = 30;

  private final List<String> more;
  private Optional<Process> running = Optional.empty();

  /** Children with further flags. */
  Child(List<String> more) {
    this.more = List.copyOf(more);
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
  }

  private synchronized void stop() {
    running.ifPresent(Process::destroyForcibly);
  }

  private synchronized Process start(ProcessBuilder command) throws IOException {
    Process process = command.start();
    running = Optional.of(process);
    return process;
  }

  /**
   * The outcome of an order whose events come at a fixed rate while it runs.
   *
   * @throws IllegalStateException if the job ends before them, or one of them does not come out
   */
  Outcome runUnderLoad(Order order) throws IOException, InterruptedException {
    CompletableFuture<Outcome> job = new CompletableFuture<>();
    Thread waiting = new Thread(() -> complete(job, order), "bench-child");
    waiting.setDaemon(true);
    waiting.start();
    Load.Seen seen;
    try (Load load = new Load(order)) {
      seen = load.run(job);
    } finally {
      Live.end(order);
      waiting.join();
    }
    Outcome outcome = job.join();
    return outcome.with(seen.latencies(outcome.pauses()));
  }

  private void complete(CompletableFuture<Outcome> job, Order order) {
    try {
      boolean unused = job.complete(run(order));
    } catch (IOException | InterruptedException | RuntimeException e) {
      boolean unused = job.completeExceptionally(e);
    }
  }

  /**
   * The outcome of an order.
   *
   * @throws IllegalStateException with the end of its log, if it has none
   */
  Outcome run(Order order) throws IOException, InterruptedException {
    Path log = Path.of(order.folder()).resolve("child.log");
    ProcessBuilder command = new ProcessBuilder(command(order));
    command.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = start(command.redirectErrorStream(true).redirectOutput(log.toFile()));
    if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
    }
    List<String> lines = Files.readAllLines(log);
    Optional<String> found =
        lines.stream().filter(line -> line.startsWith(BenchRun.MARKER)).findFirst();
    if (process.exitValue() != 0 || found.isEmpty()) {
      throw new IllegalStateException(
          order.variant().label()
              + " ended with exit code "
              + process.exitValue()
              + ":\n"
              + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size())));
    }
    return new ObjectMapper()
        .readValue(found.get().substring(BenchRun.MARKER.length()), Outcome.class);
  }

  private List<String> command(Order order) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(FLAGS);
    words.addAll(more);
    words.addAll(List.of(moduleOptions().split(" ", -1)));
    words.add("-Duser.timezone=UTC");
    Optional.ofNullable(System.getProperty("log4j2.configurationFile"))
        .ifPresent(file -> words.add("-Dlog4j2.configurationFile=" + file));
    words.addAll(List.of("-cp", classPath(), BenchRun.class.getName()));
    words.add(new ObjectMapper().writeValueAsString(order));
    return words;
  }

  private static String moduleOptions() {
    return org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions().strip();
  }

  /** That of the checkout, so that both sides get the same Spark wherever this one comes from. */
  private static String classPath() throws IOException {
    Optional<Path> target =
        Optional.ofNullable(System.getenv("MILLRACE_HOME"))
            .map(home -> Path.of(home, "tests", "target"))
            .filter(folder -> Files.exists(folder.resolve("classpath")));
    if (target.isEmpty()) {
      return System.getProperty("java.class.path");
    }
    return target.get().resolve("test-classes")
        + File.pathSeparator
        + Files.readString(target.get().resolve("classpath")).strip();
  }
}
