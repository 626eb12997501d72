package io.millrace.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A server that is a program of the machine, in a process with its log in a file. */
final class ServerProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String name;
  private final Path log;
  private final BooleanSupplier answers;
  private Optional<Process> process = Optional.empty();

  /**
   * A server that does not run yet.
   *
   * @param name as messages have it
   * @param log where it goes on with what it says, at each start
   * @param answers whether it can be asked
   */
  ServerProcess(String name, Path log, BooleanSupplier answers) {
    this.name = name;
    this.log = log;
    this.answers = answers;
  }

  /**
   * Starts it and waits until it answers. It ends with the process that started it.
   *
   * @throws IllegalStateException with its log, if it does not come up
   */
  void start(List<String> command) {
    // The server takes the place of the shell, and ends when this process closes its input.
    List<String> words =
        new ArrayList<>(
            List.of("sh", "-c", "exec 3<&0; (cat <&3 >/dev/null; kill -9 $$) & exec \"$@\"", "sh"));
    words.addAll(command);
    Process started = launch(words, log);
    process = Optional.of(started);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers.getAsBoolean()) {
      if (!started.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("Cannot start " + name + ". Its log:\n" + logged(log));
      }
      pause();
    }
  }

  /** Runs a program that ends by itself, such as one that prepares a server's data. */
  static void run(List<String> command, Path log) {
    try {
      if (launch(command, log).waitFor() != 0) {
        throw new IllegalStateException("Cannot run " + command + ":\n" + logged(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + command + " ran", e);
    }
  }

  /** Ends it as a crash would. */
  void kill() {
    process.ifPresent(running -> running.destroyForcibly().onExit().join());
  }

  /** The path of a program. Servers are often beside the PATH of a user. */
  static String program(String name, String ofPackage) {
    return Stream.concat(
            Optional.ofNullable(System.getenv("PATH")).stream()
                .flatMap(path -> Stream.of(path.split(java.io.File.pathSeparator))),
            Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Missing %s on the PATH. Install it: apt-get install --no-install-recommends %s"
                        .formatted(name, ofPackage)))
        .toString();
  }

  /** A port that nothing uses. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot find a free port", e);
    }
  }

  private static Process launch(List<String> command, Path log) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run " + command, e);
    }
  }

  private static String logged(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "Cannot read it: " + e;
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + name + " started", e);
    }
  }
}
