package io.millrace.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real Redis that writes as safely as it can, from the machine's {@code redis-server}. It ends
 * with the process that started it.
 */
public final class LocalRedis implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final int port;
  private final int secured;
  private final Path folder;
  private final List<String> command;
  private Process process;

  private LocalRedis(int port, int secured, Path folder, List<String> command) {
    this.port = port;
    this.secured = secured;
    this.folder = folder;
    this.command = command;
    this.process = launch();
  }

  /** The server of this JVM, started at first use. */
  public static LocalRedis shared() {
    return Shared.SERVER;
  }

  /** A server with its data in a folder. */
  public static LocalRedis start(Path folder) {
    return start(folder, List.of(), 0);
  }

  /**
   * The same, which listens by TLS too, for the host {@code localhost}: {@code authority.pem} in
   * the folder is the certificate of who signed its own. {@code expired.crt} and {@code
   * expired.key} are others, which hold no more.
   *
   * @param password of the stores of keys
   */
  public static LocalRedis startSecured(Path folder, String password) {
    Certificates authority = Certificates.authority(folder, "authority", password);
    authority.exported("redis", "localhost", "-1d");
    authority.exported("expired", "localhost", "-20d");
    int port = free();
    return start(
        folder,
        List.of(
            "--tls-port",
            Integer.toString(port),
            "--tls-auth-clients",
            "no",
            "--tls-cert-file",
            folder.resolve("redis.crt").toString(),
            "--tls-key-file",
            folder.resolve("redis.key").toString(),
            "--tls-ca-cert-file",
            authority.pem()),
        port);
  }

  private static LocalRedis start(Path folder, List<String> more, int secured) {
    int port = free();
    List<String> command = new ArrayList<>();
    // The server takes the place of the shell, and ends when this process closes its input.
    command.addAll(
        List.of(
            "sh",
            "-c",
            "exec 3<&0; (cat <&3 >/dev/null; kill -9 $$) & exec redis-server \"$@\"",
            "sh"));
    command.addAll(
        List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", "" + folder));
    command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
    command.addAll(more);
    LocalRedis redis = new LocalRedis(port, secured, folder, command);
    redis.awaitReady();
    return redis;
  }

  /** Where it is: {@code redis://localhost}, its port, and a database. */
  public String url(int database) {
    return "redis://localhost:" + port + "/" + database;
  }

  public int port() {
    return port;
  }

  /** The port that speaks TLS. */
  public int securedPort() {
    return secured;
  }

  /** Ends the server as a crash would; its data stays. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Starts a server that was killed: the same address, the same data. */
  public void restart() {
    process = launch();
    awaitReady();
  }

  @Override
  public void close() {
    kill();
  }

  private Process launch() {
    if (!installed()) {
      throw new IllegalStateException(
          "Missing redis-server on the PATH. Install it: apt-get install --no-install-recommends"
              + " redis-server");
    }
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(log().toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start Redis in " + folder, e);
    }
  }

  private static boolean installed() {
    return Optional.ofNullable(System.getenv("PATH")).stream()
        .flatMap(path -> List.of(path.split(java.io.File.pathSeparator)).stream())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server")));
  }

  private Path log() {
    return folder.resolve("redis.log");
  }

  private void awaitReady() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("Cannot start Redis. Its log:\n" + logged());
      }
      pause();
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII)
          .equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  private String logged() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      return "Cannot read it: " + e;
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while Redis started", e);
    }
  }

  private static int free() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot find a free port", e);
    }
  }

  private static final class Shared {
    private static final LocalRedis SERVER = start(Folders.temporary("redis"));
  }
}
