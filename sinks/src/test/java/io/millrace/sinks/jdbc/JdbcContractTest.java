package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.testing.Batches;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract by each database and each way into it. */
class JdbcContractTest {
  private static final LocalPostgres DATABASE = LocalPostgres.shared();
  private static final LocalMariaDb MARIADB = LocalMariaDb.shared();

  /** What no table has columns for. */
  private static final Set<String> NO_COLUMN =
      Set.of("months", "seconds", "a_variant", "an_interval", "nothing");

  /** The same, where columns take finite numbers only. */
  private static final Set<String> NO_COLUMN_OR_NUMBER =
      Set.of(
          "months", "seconds", "a_variant", "an_interval", "nothing", "not_a_number", "no_number");

  /** PostgreSQL, read as JSON by the server itself. */
  abstract static class Postgres extends SinkContract {
    @Override
    protected Sink sink(String target) {
      return Given.table(DATABASE, target).sink();
    }

    @Override
    protected List<Map<String, String>> read(String target) {
      try (Connection connection = DATABASE.connection();
          ResultSet there =
              connection
                  .createStatement()
                  .executeQuery("select to_regclass('" + target + "')::text")) {
        List<Map<String, String>> rows = new ArrayList<>();
        there.next();
        if (there.getString(1) != null) {
          connection.createStatement().execute("set time zone 'UTC'");
          ResultSet found =
              connection
                  .createStatement()
                  .executeQuery("select to_jsonb(t)::text from " + target + " t");
          while (found.next()) {
            rows.add(Extremes.members(found.getString(1)));
          }
        }
        return rows;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    protected Set<String> refuses() {
      return NO_COLUMN;
    }

    /** The JSON of the server has no negative zero. */
    @Override
    protected boolean signsZero() {
      return false;
    }
  }

  @Nested
  class Direct extends Postgres {}

  @Nested
  class Staged extends Postgres {
    @Override
    protected Sink sink(String target) {
      return Given.table(DATABASE, target).staged().sink();
    }
  }

  @Nested
  class Upsert extends Postgres {
    @Override
    protected Sink sink(String target) {
      return Given.table(DATABASE, target).keys("id").sink();
    }

    @Override
    protected Writing how() {
      return Batches.UPSERT;
    }
  }

  /** A database that is read value by value. */
  abstract static class ByValue extends SinkContract {
    private final String url;
    private final Set<String> refuses;

    ByValue(String url, Set<String> refuses) {
      this.url = url;
      this.refuses = refuses;
    }

    @Override
    protected Set<String> refuses() {
      return refuses;
    }

    /** None of them keeps it; SQLite has whole numbers of a real column as such. */
    @Override
    protected boolean signsZero() {
      return false;
    }

    @Override
    protected Sink sink(String target) {
      return Given.table(DATABASE, target).nobody().at(url).sink();
    }

    @Override
    protected List<Map<String, String>> read(String target) {
      List<Map<String, String>> rows = new ArrayList<>();
      try (Connection connection = DriverManager.getConnection(url);
          ResultSet found =
              connection.prepareStatement("select * from \"" + target + "\"").executeQuery()) {
        while (found.next()) {
          Map<String, String> row = new TreeMap<>();
          for (int at = 1; at <= found.getMetaData().getColumnCount(); at++) {
            if (found.getObject(at) instanceof byte[] bytes) {
              row.put(name(found, at), Base64.getEncoder().encodeToString(bytes));
            } else if (found.getObject(at) != null) {
              row.put(name(found, at), text(found, at));
            }
          }
          rows.add(row);
        }
        return rows;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String name(ResultSet found, int at) throws SQLException {
      return found.getMetaData().getColumnName(at);
    }

    private static String text(ResultSet found, int at) throws SQLException {
      // As a text, a database shortens them.
      if (found.getObject(at) instanceof Double || found.getObject(at) instanceof Float) {
        return found.getObject(at).toString();
      }
      return found.getMetaData().getColumnType(at) == Types.TIMESTAMP_WITH_TIMEZONE
          ? found.getObject(at, java.time.OffsetDateTime.class).toInstant().toString()
          : found.getString(at);
    }
  }

  @Nested
  class MariaDb extends ByValue {
    MariaDb() {
      super(
          MARIADB.url()
              + "?sessionVariables=sql_mode='ANSI_QUOTES'&useServerPrepStmts=true&user="
              + MARIADB.user(),
          NO_COLUMN_OR_NUMBER);
    }

    @Override
    protected Sink sink(String target) {
      return Given.table(MARIADB, target).sink();
    }

    @Override
    protected boolean endless() {
      return false;
    }
  }

  @Nested
  class H2 extends ByValue {
    H2(@TempDir Path folder) {
      super("jdbc:h2:" + folder.resolve("h2"), NO_COLUMN);
    }
  }

  @Nested
  class Sqlite extends ByValue {
    Sqlite(@TempDir Path folder) {
      super("jdbc:sqlite:" + folder.resolve("sqlite"), NO_COLUMN_OR_NUMBER);
    }
  }
}
