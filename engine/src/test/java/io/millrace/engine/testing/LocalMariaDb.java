package io.millrace.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A real MariaDB with little memory that writes as safely as in production, from the machine's
 * {@code mariadbd}. It ends with the process that started it.
 */
public final class LocalMariaDb implements LocalDatabase, AutoCloseable {
  private static final String USER = "millrace";

  private final int port;
  private final Path folder;
  private final String database;
  private final List<String> command;
  private final ServerProcess process;

  private LocalMariaDb(
      int port, Path folder, String database, List<String> command, ServerProcess process) {
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
    execute("flush ssl");
  }

  private static LocalMariaDb start(Path folder, List<String> more) {
    Path data = folder.resolve("data");
    Path users = folder.resolve("users.sql");
    String account = System.getProperty("user.name");
    Path log = folder.resolve("mariadb.log");
    ServerProcess.run(
        List.of(
            program("mariadb-install-db"),
            "--no-defaults",
            "--user=" + account,
            "--datadir=" + data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db"),
        log);
    try {
      Files.writeString(
          users,
          "create user '%1$s'@'%%';\ngrant all on *.* to '%1$s'@'%%' with grant option;\ncreate database millrace character set utf8mb4;\n"
              .formatted(USER));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + users, e);
    }
    int port = ServerProcess.freePort();
    List<String> command = new ArrayList<>();
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
    ServerProcess process = new ServerProcess("MariaDB", log, () -> answers(port));
    process.start(first);
    return new LocalMariaDb(port, folder, "millrace", List.copyOf(command), process);
  }

  /** The JDBC address of the database; its user needs no password. */
  public String url() {
    return "jdbc:mariadb://localhost:" + port + "/" + database;
  }

  public String user() {
    return USER;
  }

  @Override
  public Connection connection() throws SQLException {
    return DriverManager.getConnection(url(), USER, "");
  }

  /** Creates an empty database on the same server; closing it closes the server. */
  public LocalMariaDb createDatabase(String name) {
    execute("create database `" + name + "` character set utf8mb4");
    return new LocalMariaDb(port, folder, name, command, process);
  }

  /** Ends the server as a crash would: what was not committed is lost, the data stays. */
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

  private static String program(String name) {
    return ServerProcess.program(name, "mariadb-server");
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.getInputStream().read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static final class Shared {
    private static final LocalMariaDb SERVER = start(Folders.temporary("mariadb"));
  }
}
