package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Marks;
import io.millrace.sinks.pool.DatabaseException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The drives of a job and the letters that they have taken, in two tables beside the ledger. The
 * drive that is under way has the one place of its job that has no name.
 */
final class JdbcMarks implements Marks {
  static final String NAME = "millrace_marks";
  static final String DRIVES = "millrace_drives";

  private static final String UNDER_WAY = " where \"job\" = ? and \"ended\" = ''";
  private static final int MANY = 1000;

  private final JdbcSettings settings;
  private final BesideLedger drives;
  private final BesideLedger marks;
  private final String job;

  JdbcMarks(JdbcSettings settings, String job) {
    Dialect.Own own = Dialect.of(settings.url()).own();
    this.settings = settings;
    this.job = job;
    this.drives =
        new BesideLedger(
            settings,
            DRIVES,
            ("\"job\" %s not null, \"ended\" varchar(100) not null,"
                    + " \"drive\" varchar(100) not null, \"told\" %s not null,"
                    + " \"begun_at\" %s not null, primary key (\"job\", \"ended\")")
                .formatted(own.name(), own.text(), own.time()));
    this.marks =
        new BesideLedger(
            settings,
            NAME,
            ("\"job\" %s not null, \"letter\" varchar(64) not null,"
                    + " \"drive\" varchar(100) not null, primary key (\"job\", \"letter\")")
                .formatted(own.name()));
  }

  @Override
  public Optional<String> underWay() {
    return drives
        .read(
            (connection, table) -> {
              try (PreparedStatement statement =
                  connection.prepareStatement("select \"told\" from " + table.sql() + UNDER_WAY)) {
                statement.setString(1, job);
                try (ResultSet row = statement.executeQuery()) {
                  return row.next() ? Optional.of(row.getString(1)) : Optional.<String>empty();
                }
              }
            })
        .flatMap(told -> told);
  }

  @Override
  public boolean begin(String drive, String told, Iterator<String> letters) {
    TableName begun = drives.open();
    TableName marked = marks.open();
    try {
      return drives.change(
          begun,
          connection -> {
            BesideLedger.execute(
                connection,
                ("insert into %s (\"job\", \"ended\", \"drive\", \"told\", \"begun_at\")"
                        + " values (?, '', ?, ?, ?)")
                    .formatted(begun.sql()),
                BesideLedger.values(job, drive, told, drives.dialect().time(Instant.now())));
            mark(connection, marked, drive, letters);
            return true;
          });
    } catch (DatabaseException e) {
      if (e.getCause() instanceof SQLException refused && RowFault.is(refused)) {
        return false;
      }
      throw e;
    }
  }

  private void mark(Connection connection, TableName table, String drive, Iterator<String> letters)
      throws SQLException {
    String insert =
        "insert into %s (\"job\", \"letter\", \"drive\") values (?, ?, ?)".formatted(table.sql());
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (long number = 1; letters.hasNext(); number++) {
        BesideLedger.values(job, letters.next(), drive).of(statement);
        statement.addBatch();
        if (number % MANY == 0 || !letters.hasNext()) {
          statement.executeBatch();
        }
      }
    }
  }

  @Override
  public void end(String drive) {
    TableName table = drives.open();
    drives.change(
        table,
        connection ->
            BesideLedger.execute(
                connection,
                "update %s set \"ended\" = \"drive\"%s and \"drive\" = ?"
                    .formatted(table.sql(), UNDER_WAY),
                BesideLedger.values(job, drive)));
  }

  @Override
  public void forget(String drive) {
    TableName begun = drives.open();
    TableName marked = marks.open();
    drives.change(
        begun,
        connection -> {
          for (TableName table : new TableName[] {marked, begun}) {
            BesideLedger.execute(
                connection,
                "delete from %s where \"job\" = ? and \"drive\" = ?".formatted(table.sql()),
                BesideLedger.values(job, drive));
          }
          return drive;
        });
  }

  @Override
  public Optional<Dataset<Row>> taken(SparkSession spark) {
    return marks
        .read((connection, table) -> table)
        .map(
            table ->
                spark
                    .read()
                    .jdbc(
                        settings.url(),
                        "(select \"letter\" as \"id\" from %s where \"job\" = '%s') taken"
                            .formatted(table.sql(), job.replace("'", "''")),
                        settings.login()));
  }
}
