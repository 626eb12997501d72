package io.millrace.engine.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real Redis that writes as safely as it can, from the machine's {@code redis-server}. It ends
 * with the process that started it.
 */
public final class LocalRedis implements AutoCloseable {
  private final int port;
  private final int secured;
  private final List<String> command;
  private final ServerProcess process;

  private LocalRedis(int port, int secured, List<String> command, ServerProcess process) {
    this.port = port;
    this.secured = secured;
    this.command = command;
    this.process = process;
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
    int port = ServerProcess.freePort();
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
    int port = ServerProcess.freePort();
    List<String> command = new ArrayList<>();
    command.add(ServerProcess.program("redis-server", "redis-server"));
    command.addAll(
        List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", "" + folder));
    command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
    command.addAll(more);
    ServerProcess process =
        new ServerProcess("Redis", folder.resolve("redis.log"), () -> answers(port));
    process.start(command);
    return new LocalRedis(port, secured, command, process);
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
    process.kill();
  }

  /** Starts a server that was killed: the same address, the same data. */
  public void restart() {
    process.start(command);
  }

  @Override
  public void close() {
    kill();
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII)
          .equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  private static final class Shared {
    private static final LocalRedis SERVER = start(Folders.temporary("redis"));
  }
}
