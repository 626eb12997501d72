package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Write;
import io.millrace.sinks.jdbc.Target.TargetColumn;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the table of a sink, creates it if it may, and checks that it takes the stream's rows. */
final class Tables {
  private static final Logger LOG = LoggerFactory.getLogger(Tables.class);
  private static final String POSTGRESQL_TABLE =
      "select n.nspname, c.relname from (select cast(? as text) as name) wanted,"
          + " pg_class c join pg_namespace n on n.oid = c.relnamespace"
          + " where c.relkind in ('r', 'p', 'f', 'v') and case when wanted.name is null"
          + " then n.nspname = current_schema() else lower(n.nspname) = lower(wanted.name) end"
          + " and lower(c.relname) = lower(?)";
  private static final String POSTGRESQL_COLUMNS =
      "select a.attname, case when coalesce(b.typtype, t.typtype) = 'e' then 'enum'"
          + " else coalesce(b.typname, t.typname) end, format_type(a.atttypid, a.atttypmod),"
          + " case when coalesce(b.typname, t.typname) in ('numeric', '_numeric')"
          + " and greatest(a.atttypmod, t.typtypmod) > 3"
          + " then ((greatest(a.atttypmod, t.typtypmod) - 4) & 2047 # 1024) - 1024 else -1 end,"
          + " a.attnotnull and not a.atthasdef and a.attidentity = ''"
          + " from pg_attribute a join pg_type t on t.oid = a.atttypid"
          + " left join pg_type b on t.typtype = 'd' and b.oid = t.typbasetype"
          + " where a.attrelid = cast(? as regclass) and a.attnum > 0 and not a.attisdropped"
          + " order by a.attnum";

  private static final String MARIADB_COLUMNS =
      "select column_name, data_type, concat(column_type, case when collation_name is null then ''"
          + " else concat(' collate ', collation_name) end),"
          + " coalesce(numeric_scale, -1), is_nullable = 'NO' and column_default is null"
          + " and extra not like '%auto_increment%' and extra not like '%GENERATED%'"
          + " from information_schema.columns"
          + " where table_schema = coalesce(?, database()) and table_name = ?"
          + " order by ordinal_position";

  /** Unique indexes and their columns. */
  private static final String MARIADB_INDEXES =
      "select group_concat(column_name order by column_name separator '\n')"
          + " from information_schema.statistics"
          + " where table_schema = coalesce(?, database()) and table_name = ? and non_unique = 0"
          + " and sub_part is null group by index_name";

  private static final String MARIADB_ENGINE =
      "select coalesce(engine, 'none: it is a view') from information_schema.tables"
          + " where table_schema = coalesce(?, database()) and table_name = ?";

  /** What PostgreSQL calls a conflict without an index. */
  private static final String NO_INDEX = "42P10";

  /** H2's types of which a statement has to say how many digits they have. */
  private static final Set<String> EXACT = Set.of("NUMERIC", "DECIMAL");

  private final Dialect dialect;
  private final JdbcSettings settings;
  private final StructType rows;

  Tables(JdbcSettings settings, StructType rows) {
    this.dialect = Dialect.of(settings.url());
    this.settings = settings;
    this.rows = rows;
  }

  /**
   * The table as it is now, ready to be written.
   *
   * @throws IllegalArgumentException with a sentence for each column that does not fit
   */
  Target target(Connection connection, Identity who, Write write) throws SQLException {
    TableName wanted = TableName.of(settings.table());
    Optional<TableName> found = find(dialect, connection, wanted);
    if (found.isEmpty()) {
      create(connection, wanted, who);
      found = find(dialect, connection, wanted);
    }
    TableName table = found.orElseThrow(() -> new IllegalStateException("Missing table " + wanted));
    if (dialect == Dialect.MARIADB) {
      requireTransactions(connection, table);
    }
    Target target = match(table, columns(connection, table), write);
    if (!target.keys().isEmpty()) {
      checkUnique(connection, target);
    }
    return target;
  }

  /** Creates a table of ours where it is not there; another start may do so at the same time. */
  static void create(Dialect dialect, Connection connection, TableName table, String statement)
      throws SQLException {
    if (find(dialect, connection, table).isPresent()) {
      if (dialect == Dialect.MARIADB) {
        requireTransactions(connection, table);
      }
      return;
    }
    try {
      execute(connection, statement);
    } catch (SQLException e) {
      if (find(dialect, connection, table).isEmpty()) {
        throw e;
      }
    }
  }

  /** Adds a column to a table that was made before it was thought of. */
  static void add(Connection connection, TableName table, String column) throws SQLException {
    String name = column.substring(0, column.indexOf(' '));
    if (!has(connection, table, name)) {
      try {
        execute(
            connection,
            "alter table %s add column \"%s\"%s"
                .formatted(table.sql(), name, column.substring(name.length())));
      } catch (SQLException e) {
        // Another start may have added it just now.
        if (!has(connection, table, name)) {
          throw e;
        }
      }
    }
  }

  /** Whether a table has a column of this name. */
  static boolean has(Connection connection, TableName table, String column) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet none =
            statement.executeQuery("select * from %s where 1 = 0".formatted(table.sql()))) {
      ResultSetMetaData columns = none.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        if (columns.getColumnName(i).equals(column)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Executes a statement without parameters. */
  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** A table by its name; in any case of letters, if only one has it. */
  static Optional<TableName> find(Dialect dialect, Connection connection, TableName wanted)
      throws SQLException {
    String query =
        switch (dialect) {
          case POSTGRESQL -> POSTGRESQL_TABLE;
          case H2 ->
              "select table_schema, table_name from information_schema.tables"
                  + " where lower(table_schema) = lower(coalesce(?, schema()))"
                  + " and lower(table_name) = lower(?)";
          case SQLITE ->
              "select ?, name from sqlite_master where type in ('table', 'view')"
                  + " and lower(name) = lower(?)";
          case MARIADB ->
              "select table_schema, table_name from information_schema.tables"
                  + " where table_schema = coalesce(?, database())"
                  + " and lower(table_name) = lower(?)";
        };
    List<TableName> all = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, wanted.schema().orElse(null));
      statement.setString(2, wanted.table());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          all.add(new TableName(Optional.ofNullable(result.getString(1)), result.getString(2)));
        }
      }
    }
    Optional<TableName> exact = all.stream().filter(name -> same(name, wanted)).findFirst();
    return exact.isPresent() || all.size() != 1 ? exact : Optional.of(all.get(0));
  }

  private static boolean same(TableName found, TableName wanted) {
    return found.table().equals(wanted.table())
        && wanted.schema().map(name -> found.schema().equals(Optional.of(name))).orElse(true);
  }

  private void create(Connection connection, TableName table, Identity who) throws SQLException {
    if (settings.create() == JdbcSettings.Create.NEVER) {
      throw new IllegalArgumentException(
          "Cannot find the table %s in %s. Create it, or use create: if-missing"
              .formatted(table, settings.database().place()));
    }
    List<String> parts =
        new ArrayList<>(
            written().stream()
                .map(
                    name ->
                        TableName.quoted(name)
                            + " "
                            + (settings.keys().contains(name)
                                ? dialect.keyType(name, type(name))
                                : dialect.type(name, type(name))))
                .toList());
    settings.keys().forEach(this::type);
    if (!settings.keys().isEmpty()) {
      parts.add("primary key (" + Dialect.names(settings.keys()) + ")");
    }
    String sql =
        "create table if not exists "
            + table.sql()
            + " ("
            + String.join(", ", parts)
            + ")"
            + dialect.own().end();
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    LOG.info("Sink {} created its table: {}", who.sink(), sql);
  }

  private List<String> written() {
    return settings.columns().isEmpty()
        ? Arrays.stream(rows.fieldNames()).filter(name -> !name.startsWith("_")).toList()
        : settings.columns();
  }

  private DataType type(String column) {
    return rows.fields()[ordinal(column)].dataType();
  }

  private int ordinal(String column) {
    return IntStream.range(0, rows.length())
        .filter(at -> rows.fieldNames()[at].equals(column))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Missing column %s in the stream, which has %s"
                        .formatted(column, String.join(", ", rows.fieldNames()))));
  }

  private List<TargetColumn> columns(Connection connection, TableName table) throws SQLException {
    return switch (dialect) {
      case POSTGRESQL -> queried(connection, POSTGRESQL_COLUMNS, List.of(table.sql()));
      case MARIADB ->
          queried(
              connection,
              MARIADB_COLUMNS,
              Arrays.asList(table.schema().orElse(null), table.table()));
      case H2, SQLITE -> described(connection.getMetaData(), table);
    };
  }

  private static List<TargetColumn> queried(
      Connection connection, String query, List<@Nullable String> place) throws SQLException {
    List<TargetColumn> all = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int at = 0; at < place.size(); at++) {
        statement.setString(at + 1, place.get(at));
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          all.add(
              new TargetColumn(
                  result.getString(1),
                  -1,
                  result.getString(2),
                  result.getString(3),
                  result.getInt(4),
                  result.getBoolean(5)));
        }
      }
    }
    return all;
  }

  private static List<TargetColumn> described(DatabaseMetaData data, TableName table)
      throws SQLException {
    List<TargetColumn> all = new ArrayList<>();
    try (ResultSet result = data.getColumns(null, null, table.table(), null)) {
      while (result.next()) {
        String schema = result.getString("TABLE_SCHEM");
        boolean here =
            result.getString("TABLE_NAME").equals(table.table())
                && (schema == null || table.schema().filter(schema::equals).isPresent());
        if (here) {
          String type = result.getString("TYPE_NAME");
          boolean required =
              result.getInt("NULLABLE") == DatabaseMetaData.columnNoNulls
                  && result.getString("COLUMN_DEF") == null
                  && !"YES".equals(result.getString("IS_AUTOINCREMENT"));
          all.add(
              new TargetColumn(
                  result.getString("COLUMN_NAME"),
                  -1,
                  type,
                  EXACT.contains(type)
                      ? "%s(%d, %d)"
                          .formatted(
                              type, result.getInt("COLUMN_SIZE"), result.getInt("DECIMAL_DIGITS"))
                      : type,
                  result.getInt("DECIMAL_DIGITS"),
                  required));
        }
      }
    }
    return all;
  }

  private Target match(TableName table, List<TargetColumn> there, Write write) {
    List<String> faults = new ArrayList<>();
    List<TargetColumn> columns = new ArrayList<>();
    for (String name : written()) {
      DataType from = type(name);
      Optional<TargetColumn> column = column(there, name);
      if (column.isEmpty()) {
        faults.add(
            "Missing column %s in the table %s, which has %s. Add it, or name another table"
                .formatted(
                    name,
                    table,
                    there.stream().map(TargetColumn::name).collect(Collectors.joining(", "))));
      } else if (!fits(from, column.get())) {
        faults.add(
            "Cannot store %s (%s) in the column %s of type %s"
                .formatted(name, from.sql(), column.get().name(), column.get().declared()));
      } else {
        columns.add(at(column.get(), ordinal(name)));
      }
    }
    Predicate<TargetColumn> absent =
        column -> columns.stream().noneMatch(used -> used.name().equals(column.name()));
    if (faults.isEmpty()) {
      there.stream()
          .filter(TargetColumn::required)
          .filter(absent)
          .forEach(
              column ->
                  faults.add(
                      "Missing column %s in the stream: the table %s takes no NULL for it and has no default"
                          .formatted(column.name(), table)));
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join(". ", faults));
    }
    return new Target(table, List.copyOf(columns), changes(columns, write), false);
  }

  private Target.Changes changes(List<TargetColumn> columns, Write write) {
    if (write == Write.APPEND) {
      return Target.Changes.NONE;
    }
    return new Target.Changes(
        write.verb(),
        names(columns, settings.keys(), "key"),
        names(columns, settings.orderBy(), "order-by"),
        settings.deleteWhen(),
        settings.existing() == JdbcSettings.Existing.KEEP);
  }

  private static List<String> names(List<TargetColumn> columns, List<String> wanted, String use) {
    return wanted.stream()
        .map(
            name ->
                column(columns, name)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "Missing %s column %s among the columns that are written"
                                    .formatted(use, name)))
                    .name())
        .toList();
  }

  private boolean fits(DataType from, TargetColumn to) {
    return dialect == Dialect.POSTGRESQL
        ? CopyFields.of(from, to.type(), to.scale()).isPresent()
        : PlainValues.fits(dialect, from, to.type(), to.scale());
  }

  private static Optional<TargetColumn> column(List<TargetColumn> there, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    List<TargetColumn> close =
        there.stream()
            .filter(column -> column.name().toLowerCase(Locale.ROOT).equals(lower))
            .toList();
    Optional<TargetColumn> exact =
        close.stream().filter(column -> column.name().equals(name)).findFirst();
    return exact.isPresent() || close.size() != 1 ? exact : Optional.of(close.get(0));
  }

  private static TargetColumn at(TargetColumn column, int ordinal) {
    return new TargetColumn(
        column.name(),
        ordinal,
        column.type(),
        column.declared(),
        column.scale(),
        column.required());
  }

  /** What MariaDB rolls back: nothing of a table of MyISAM or Aria. */
  private static void requireTransactions(Connection connection, TableName table)
      throws SQLException {
    String engine = mariadb(connection, MARIADB_ENGINE, table).get(0);
    if (!engine.equalsIgnoreCase("InnoDB")) {
      throw new IllegalArgumentException(
          "Cannot write batches as a whole into the table %s of the engine %s. Needs InnoDB: alter table %s engine = InnoDB"
              .formatted(table, engine, table.sql()));
    }
  }

  private static List<String> mariadb(Connection connection, String query, TableName table)
      throws SQLException {
    List<String> all = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, table.schema().orElse(null));
      statement.setString(2, table.table());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          all.add(result.getString(1));
        }
      }
    }
    return all;
  }

  /** H2 finds rows by their keys without an index as well. */
  private void checkUnique(Connection connection, Target target) throws SQLException {
    if (dialect == Dialect.MARIADB) {
      String wanted =
          target.keys().stream()
              .sorted(String::compareToIgnoreCase)
              .collect(Collectors.joining("\n"));
      if (mariadb(connection, MARIADB_INDEXES, target.table()).stream()
          .noneMatch(wanted::equalsIgnoreCase)) {
        throw noIndex(target, "it has none", null);
      }
    } else if (dialect != Dialect.H2) {
      checkPlanned(connection, target);
    }
  }

  /** The database plans the statement, which it cannot without a unique index over the keys. */
  private void checkPlanned(Connection connection, Target target) throws SQLException {
    String none =
        "select %s from %s where false"
            .formatted(Dialect.names(target.names()), target.table().sql());
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("explain " + KeyedRows.insert(target, none)).close();
    } catch (SQLException e) {
      if (dialect == Dialect.POSTGRESQL && !NO_INDEX.equals(e.getSQLState())) {
        throw e;
      }
      throw noIndex(target, String.valueOf(e.getMessage()), e);
    }
  }

  private static IllegalArgumentException noIndex(
      Target target, String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "Cannot %s into %s by %s. Needs a primary key or unique index over exactly these columns: %s"
            .formatted(
                target.changes().verb(), target.table(), String.join(", ", target.keys()), why),
        cause);
  }
}
