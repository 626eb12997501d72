package io.millrace.engine.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A real PostgreSQL with little memory that writes as safely as in production. */
public final class LocalPostgres implements LocalDatabase, AutoCloseable {
  private static final String USER = "postgres";

  private final EmbeddedPostgres server;
  private final Path data;
  private final String database;

  private LocalPostgres(EmbeddedPostgres server, Path data, String database) {
    this.server = server;
    this.data = data;
    this.database = database;
  }

  /** The server of this JVM, started at first use. */
  public static LocalPostgres shared() {
    return Shared.SERVER;
  }

  /** A server with its data in {@code folder/data}, stopped and deleted when it is closed. */
  public static LocalPostgres start(Path folder) {
    return start(folder, Map.of());
  }

  /**
   * The same, which takes TLS too, for the host {@code localhost}: {@code authority.pem} in the
   * folder is the certificate of who signed its own.
   */
  public static LocalPostgres startSecured(Path folder) {
    Certificates.forServer(folder);
    return start(
        folder,
        Map.of(
            "ssl",
            "on",
            "ssl_cert_file",
            folder.resolve("server.crt").toString(),
            "ssl_key_file",
            folder.resolve("server.key").toString()));
  }

  /** Presents another certificate from now on, which held until ten days ago. */
  public void expire() {
    Certificates.expire(Objects.requireNonNull(data.getParent()));
    String loaded = loadTime();
    execute("select pg_reload_conf()");
    try {
      while (loadTime().equals(loaded)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while settings were read", e);
    }
  }

  /** As a connection sees it that is made now. */
  private String loadTime() {
    return read("select pg_conf_load_time()").get(0);
  }

  private static LocalPostgres start(Path folder, Map<String, String> more) {
    Path data = folder.resolve("data");
    try {
      EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
      more.forEach(builder::setServerConfig);
      EmbeddedPostgres server =
          builder
              .setDataDirectory(data)
              .setOverrideWorkingDirectory(binaries().toFile())
              .setCleanDataDirectory(true)
              .setPGStartupWait(Duration.ofSeconds(60))
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("shared_buffers", "64MB")
              .setServerConfig("max_connections", "50")
              .start();
      return new LocalPostgres(server, data, "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start PostgreSQL in " + folder, e);
    }
  }

  /** Ends the server as a crash would: what was not committed is lost, the data stays. */
  public void crash() {
    try {
      String postmaster = Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip();
      ProcessHandle process = ProcessHandle.of(Long.parseLong(postmaster)).orElseThrow();
      run(List.of("kill", "-QUIT", postmaster));
      process.onExit().join();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot end PostgreSQL in " + data, e);
    }
  }

  /** Starts the server that crashed again: the same address, the same data. */
  public void restart() {
    try {
      Path program = Path.of(Files.readString(data.resolve("postmaster.opts")).split(" ", 2)[0]);
      List<String> command = new ArrayList<>();
      if (System.getProperty("user.name").equals("root")) {
        command.addAll(List.of("unshare", "-U"));
      }
      command.add(program.resolveSibling("pg_ctl").toString());
      command.addAll(List.of("-D", data.toString(), "-w", "-t", "60", "restart"));
      run(command);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start PostgreSQL again in " + data, e);
    }
  }

  private void run(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(data.resolveSibling("server.log").toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IllegalStateException(
            "Cannot run " + command + ": " + Files.readString(data.resolveSibling("server.log")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + command + " ran", e);
    }
  }

  /** The JDBC address of the database, without a password since it needs none. */
  public String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database;
  }

  public String user() {
    return USER;
  }

  @Override
  public Connection connection() throws SQLException {
    return DriverManager.getConnection(url(), USER, "");
  }

  /** Creates an empty database on the same server; closing it closes the server. */
  public LocalPostgres createDatabase(String name) {
    execute("create database \"" + name + "\"");
    return new LocalPostgres(server, data, name);
  }

  /** Creates a user who needs the password, which the other one does not. */
  public void createUser(String name, String password) {
    execute("create role \"" + name + "\" login password '" + password + "'");
    try {
      Path rules = data.resolve("pg_hba.conf");
      String rule = "host all \"%s\" %s scram-sha-256\n";
      Files.writeString(
          rules,
          rule.formatted(name, "127.0.0.1/32")
              + rule.formatted(name, "::1/128")
              + Files.readString(rules));
      execute("select pg_reload_conf()");
      while (letsIn(name)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (IOException e) {
      throw new IllegalStateException("Cannot create user " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while creating user " + name, e);
    }
  }

  /** Rules that changed hold a moment later. */
  private boolean letsIn(String name) {
    try (Connection connection = DriverManager.getConnection(url(), name, "no such word")) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Stops the server and deletes its data. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot stop PostgreSQL", e);
    }
  }

  /** Where the programs are unpacked once per user. */
  private static Path binaries() {
    return Path.of(
        System.getProperty("java.io.tmpdir"),
        "millrace-postgres-" + System.getProperty("user.name"));
  }

  private static final class Shared {
    private static final LocalPostgres SERVER = start(Folders.temporary("postgres"));
  }
}
