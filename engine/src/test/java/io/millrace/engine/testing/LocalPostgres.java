package io.millrace.engine.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A real PostgreSQL with little memory that writes as safely as in production. */
public final class LocalPostgres implements AutoCloseable {
  private static final String USER = "postgres";

  private final EmbeddedPostgres server;
  private final String database;

  private LocalPostgres(EmbeddedPostgres server, String database) {
    this.server = server;
    this.database = database;
  }

  /** The server of this JVM, started at first use. */
  public static LocalPostgres shared() {
    return Shared.SERVER;
  }

  /** A server with its data in {@code folder/data}, stopped and deleted when it is closed. */
  public static LocalPostgres start(Path folder) {
    try {
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setDataDirectory(folder.resolve("data"))
              .setOverrideWorkingDirectory(binaries().toFile())
              .setCleanDataDirectory(true)
              .setPGStartupWait(Duration.ofSeconds(60))
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("shared_buffers", "64MB")
              .setServerConfig("max_connections", "50")
              .start();
      return new LocalPostgres(server, "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start PostgreSQL in " + folder, e);
    }
  }

  /** The JDBC address of the database, without a password since it needs none. */
  public String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database;
  }

  public String user() {
    return USER;
  }

  /** A new connection; the caller closes it. */
  public Connection connection() throws SQLException {
    return DriverManager.getConnection(url(), USER, "");
  }

  /** Creates an empty database on the same server; closing it closes the server. */
  public LocalPostgres createDatabase(String name) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database \"" + name + "\"");
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot create database " + name, e);
    }
    return new LocalPostgres(server, name);
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
