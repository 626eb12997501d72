package io.millrace.sinks.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Trust;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Connections to one database, lent for the length of a call. */
public final class JdbcPool {
  /** What MariaDB's driver puts before a message. */
  private static final String CONNECTION = "^\\(conn=\\d+\\) ";

  private final Database database;
  private final HikariDataSource source;
  private final Breaker breaker;
  private volatile @Nullable Throwable last;

  JdbcPool(Database database) {
    this.database = database;
    this.breaker = new Breaker(database.place());
    requireDriver(database);
    try {
      this.source = new HikariDataSource(config(database));
    } catch (PoolInitializationException e) {
      throw failure(e.getCause(), e);
    }
  }

  private static void requireDriver(Database database) {
    try {
      DriverManager.getDriver(database.url());
    } catch (SQLException e) {
      throw new IllegalArgumentException(
          "Cannot find a driver for %s. Bring it by --jars: the jar of %s"
              .formatted(database.place(), Vendor.of(database.url()).driver()),
          e);
    }
  }

  /** Lends a connection that commits each statement by itself. */
  public <T extends @Nullable Object> T borrow(Work<T> work) {
    try (Connection connection = open()) {
      return work.with(connection);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Lends a connection in a transaction: committed at the end, rolled back on any exception. */
  public <T extends @Nullable Object> T inTransaction(Work<T> work) {
    try (Connection connection = open()) {
      connection.setAutoCommit(false);
      try {
        T result = work.with(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * A connection that the caller closes: for work that spans several calls. While the database is
   * away one caller at a time asks for it, and the others wait no longer than for a free
   * connection.
   */
  public Connection open() {
    if (!breaker.admits(database.patience())) {
      throw failure(last, new SQLException("Nobody else could reach it either", last));
    }
    try {
      Connection connection = source.getConnection();
      breaker.succeeded();
      return connection;
    } catch (SQLException e) {
      if (Outage.is(e.getCause())) {
        last = e.getCause();
        breaker.failed();
      } else {
        breaker.gaveUp();
      }
      throw failure(e.getCause(), e);
    }
  }

  /** Lends no more than so many connections from now on; those beyond that go when they return. */
  public void limit(int connections) {
    int before = source.getMaximumPoolSize();
    if (connections != before) {
      source.setMaximumPoolSize(connections);
      if (connections < before) {
        source.getHikariPoolMXBean().softEvictConnections();
      }
    }
  }

  /** What a failed statement means, with the place of the database. */
  public DatabaseException failed(SQLException e) {
    return new DatabaseException(
        "Cannot work in the database " + database.place() + ": " + text(e), e);
  }

  void close() {
    source.close();
  }

  private static void rollback(Connection connection, Throwable why) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  static HikariConfig config(Database database) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    database.user().ifPresent(config::setUsername);
    database.password().ifPresent(secret -> config.setPassword(secret.reveal()));
    config.setMaximumPoolSize(database.connections());
    config.setMinimumIdle(0);
    config.setConnectionTimeout(database.patience().toMillis());
    config.setInitializationFailTimeout(1);
    config.setPoolName("millrace " + database.place().replace(':', ' '));
    config.setIdleTimeout(database.idle().toMillis());
    if (Vendor.of(database.url()) == Vendor.POSTGRESQL) {
      config.addDataSourceProperty("ApplicationName", "millrace " + SharedJvm.name());
    }
    database.told().forEach(config::addDataSourceProperty);
    return config;
  }

  /** A cause that is missing means that the database is well and all connections are lent. */
  private DatabaseException failure(@Nullable Throwable cause, Exception thrown) {
    if (!(cause instanceof SQLException refused)) {
      return new DatabaseException(
          "Cannot get a connection to %s within %d ms: all %d are lent. Raise connections or patience, or return connections sooner"
              .formatted(
                  database.place(), database.patience().toMillis(), source.getMaximumPoolSize()),
          thrown);
    }
    Optional<String> untrusted = Trust.fault(refused).or(() -> untold(text(refused)));
    if (untrusted.isPresent()) {
      return new DatabaseException(
          "Cannot connect to %s by TLS: %s. Check that url has the host of the server's certificate, and truststore the certificate of who signed it"
              .formatted(database.place(), untrusted.get()),
          thrown);
    }
    String state = SqlState.of(refused);
    if (state.startsWith("28")) {
      return new DatabaseException(
          "Cannot log in to %s as %s. Check user and password: %s"
              .formatted(database.place(), database.user().orElse("nobody"), text(refused)),
          thrown);
    }
    if (state.equals("3D000")) {
      return new DatabaseException(
          "Cannot find the database of %s. Check its name in the URL: %s"
              .formatted(database.place(), text(refused)),
          thrown);
    }
    return new DatabaseException(
        "Cannot reach %s. Check host, port and that the database runs: %s"
            .formatted(database.place(), text(refused)),
        thrown);
  }

  /** Drivers that check names and signatures themselves tell it in words alone. */
  private static Optional<String> untold(String said) {
    if (said.contains("could not be verified by hostname")) {
      return Optional.of(said.replaceFirst("\\.+$", ""));
    }
    if (said.contains("SSL hostname verification failed")) {
      return Optional.of(said.lines().findFirst().orElse(said).replaceFirst(CONNECTION, ""));
    }
    return said.contains("Self signed certificates")
        ? Optional.of("the certificate has expired, or none of the truststore has signed it")
        : Optional.empty();
  }

  private static String text(SQLException e) {
    String message = e.getMessage() == null ? "unknown" : Causes.clause(e);
    if (e.getCause() instanceof UnknownHostException unknown) {
      return message + ". There is no host " + unknown.getMessage();
    }
    SQLException next = e.getNextException();
    return next == null || next.getMessage() == null ? message : message + ". " + next.getMessage();
  }

  /** Work on a lent connection, which is taken back afterwards. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    T with(Connection connection) throws SQLException;
  }
}
