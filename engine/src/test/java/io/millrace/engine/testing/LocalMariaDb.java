package io.millrace.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real MariaDB with little memory that writes as safely as in production, from the machine's
 * {@code mariadbd}. It ends with the process that started it.
 */
public final class LocalMariaDb implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String USER = "millrace";

  private final int port;
  private final Path folder;
  private final String database;
  private final List<String> command;
  private Process process;

  private LocalMariaDb(
      int port, Path folder, String database, List<String> command, Process process) {
    this.port = port;
    this.folder = folder;
    this.database = database;
    this.command = command;
    this.process = process;
  }

  /** The server of this JVM, started at first use. */
  public static LocalMariaDb shared() {
    return Shared.SERVER;
  }

  /** A server with its data in {@code folder/data}. */
  public static LocalMariaDb start(Path folder) {
    return start(folder, List.of());
  }

  /**
   * The same, which takes TLS too, for the host {@code localhost}: {@code authority.pem} in the
   * folder is the certificate of who signed its own.
   */
  public static LocalMariaDb startSecured(Path folder) {
    Certificates authority = Certificates.forServer(folder);
    return start(
        folder,
        List.of(
            "--ssl-cert=" + folder.resolve("server.crt"),
            "--ssl-key=" + folder.resolve("server.key"),
            "--ssl-ca=" + authority.pem()));
  }

  /** Presents another certificate from now on, which held until ten days ago. */
  public void expire() {
    Certificates.expire(folder);
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute("flush ssl");
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read the certificate again", e);
    }
  }

  private static LocalMariaDb start(Path folder, List<String> more) {
    Path data = folder.resolve("data");
    Path users = folder.resolve("users.sql");
    String account = System.getProperty("user.name");
    run(
        folder,
        List.of(
            program("mariadb-install-db"),
            "--no-defaults",
            "--user=" + account,
            "--datadir=" + data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db"));
    try {
      Files.writeString(
          users,
          "create user '%1$s'@'%%';\ngrant all on *.* to '%1$s'@'%%' with grant option;\ncreate database millrace character set utf8mb4;\n"
              .formatted(USER));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + users, e);
    }
    int port = free();
    List<String> command = new ArrayList<>();
    // The server ends when this process closes its input.
    command.addAll(
        List.of("sh", "-c", "exec 3<&0; (cat <&3 >/dev/null; kill -9 $$) & exec \"$@\"", "sh"));
    command.addAll(
        List.of(
            program("mariadbd"),
            "--no-defaults",
            "--user=" + account,
            "--datadir=" + data,
            "--port=" + port,
            "--bind-address=127.0.0.1",
            "--socket=" + Path.of(System.getProperty("java.io.tmpdir"), "mr" + port + ".sock"),
            "--pid-file=" + folder.resolve("mariadb.pid"),
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=32M",
            "--innodb-flush-log-at-trx-commit=1",
            "--aria-pagecache-buffer-size=1M",
            "--key-buffer-size=1M"));
    command.addAll(more);
    List<String> first = new ArrayList<>(command);
    first.add("--init-file=" + users);
    LocalMariaDb server =
        new LocalMariaDb(port, folder, "millrace", List.copyOf(command), launch(folder, first));
    server.awaitReady();
    return server;
  }

  /** The JDBC address of the database; its user needs no password. */
  public String url() {
    return "jdbc:mariadb://localhost:" + port + "/" + database;
  }

  public String user() {
    return USER;
  }

  /** A new connection; the caller closes it. */
  public Connection connection() throws SQLException {
    return DriverManager.getConnection(url(), USER, "");
  }

  /** Creates an empty database on the same server; closing it closes the server. */
  public LocalMariaDb createDatabase(String name) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database `" + name + "` character set utf8mb4");
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot create database " + name, e);
    }
    return new LocalMariaDb(port, folder, name, command, process);
  }

  /** Ends the server as a crash would: what was not committed is lost, the data stays. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Starts a server that was killed: the same address, the same data. */
  public void restart() {
    process = launch(folder, command);
    awaitReady();
  }

  @Override
  public void close() {
    kill();
  }

  private static Process launch(Path folder, List<String> command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(log(folder).toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start MariaDB in " + folder, e);
    }
  }

  private static void run(Path folder, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log(folder).toFile()))
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("Cannot run " + command + ":\n" + logged(folder));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + command + " ran", e);
    }
  }

  /** Servers are often beside the PATH of a user. */
  private static String program(String name) {
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
                    "Missing %s on the PATH. Install it: apt-get install --no-install-recommends mariadb-server"
                        .formatted(name)))
        .toString();
  }

  private void awaitReady() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("Cannot start MariaDB. Its log:\n" + logged(folder));
      }
      pause();
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.getInputStream().read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Path log(Path folder) {
    return folder.resolve("mariadb.log");
  }

  private static String logged(Path folder) {
    try {
      return Files.readString(log(folder));
    } catch (IOException e) {
      return "Cannot read it: " + e;
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while MariaDB started", e);
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
    private static final LocalMariaDb SERVER = start(Folders.temporary("mariadb"));
  }
}
