package io.millrace.jobs.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What the threads of another JVM are at, which it prints when it is asked by a signal. */
final class ThreadDump {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String END = "JNI global refs";
  private static final String OURS = "at io.millrace.";

  private ThreadDump() {}

  /**
   * The stacks that have a call of this toolkit in them; empty if the JVM does not answer.
   *
   * @param log where its standard output goes
   */
  static String of(ProcessHandle jvm, Path log) throws InterruptedException {
    try {
      int before = Files.readString(log).length();
      new ProcessBuilder("kill", "-QUIT", Long.toString(jvm.pid())).start().waitFor();
      long end = System.nanoTime() + PATIENCE.toNanos();
      String said = "";
      while (!said.contains(END) && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(50);
        said = Files.readString(log).substring(before);
      }
      return Arrays.stream(said.split("\\R\\R"))
          .filter(stack -> stack.contains(OURS))
          .collect(Collectors.joining("\n\n"));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot ask process " + jvm.pid() + " for its threads", e);
    }
  }
}
