package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Chronicle;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The accounts of a query's batches in a table beside the ledger. */
final class JdbcChronicle implements Chronicle {
  static final String NAME = "millrace_history";

  private static final String OF_QUERY = " where \"job\" = ? and \"query\" = ?";
  private static final String OF_CHECKPOINT = OF_QUERY + " and \"query_id\" = ?";

  private static final String REPLACE =
      " on conflict (\"job\", \"query\", \"query_id\", \"last_batch\") do update set"
          + " \"first_batch\" = excluded.\"first_batch\", \"account\" = excluded.\"account\","
          + " \"kept_at\" = excluded.\"kept_at\"";

  private final BesideLedger table;
  private final String job;
  private final String query;
  private @Nullable TableName name;

  JdbcChronicle(JdbcSettings settings, String job, String query) {
    this.table = new BesideLedger(settings, NAME, columns(Dialect.of(settings.url())));
    this.job = job;
    this.query = query;
  }

  private static String columns(Dialect dialect) {
    return ("\"job\" %1$s not null, \"query\" %1$s not null, \"query_id\" varchar(36) not null,"
            + " \"first_batch\" bigint not null, \"last_batch\" bigint not null,"
            + " \"account\" %2$s not null, \"kept_at\" %3$s not null,"
            + " primary key (\"job\", \"query\", \"query_id\", \"last_batch\")")
        .formatted(dialect.own().name(), dialect.own().text(), dialect.own().time());
  }

  @Override
  public void open() {
    name = table.open();
  }

  @Override
  public List<Entry> entries() {
    return table
        .read(
            (connection, found) -> {
              String read =
                  "select \"query_id\", \"first_batch\", \"last_batch\", \"account\" from "
                      + found.sql()
                      + OF_QUERY;
              List<Entry> entries = new ArrayList<>();
              try (PreparedStatement statement = connection.prepareStatement(read)) {
                statement.setString(1, job);
                statement.setString(2, query);
                try (ResultSet row = statement.executeQuery()) {
                  while (row.next()) {
                    entries.add(
                        new Entry(
                            UUID.fromString(row.getString(1)),
                            row.getLong(2),
                            row.getLong(3),
                            row.getString(4)));
                  }
                }
              }
              return entries;
            })
        .orElseGet(List::of);
  }

  @Override
  public void keep(Entry entry) {
    TableName to = opened();
    if (entry.first() == entry.last() && table.dialect() == Dialect.POSTGRESQL) {
      // A batch waits for this: one statement, and one answer.
      table.execute(to, insert(to) + REPLACE, values(entry));
      return;
    }
    table.change(
        to,
        connection -> {
          BesideLedger.execute(
              connection,
              "delete from %s%s and \"last_batch\" <= ? and \"first_batch\" >= ?"
                  .formatted(to.sql(), OF_CHECKPOINT),
              BesideLedger.values(
                  job, query, entry.queryId().toString(), entry.last(), entry.first()));
          return BesideLedger.execute(connection, insert(to), values(entry));
        });
  }

  private static String insert(TableName to) {
    return "insert into %s (\"job\", \"query\", \"query_id\", \"first_batch\", \"last_batch\", \"account\", \"kept_at\") values (?, ?, ?, ?, ?, ?, ?)"
        .formatted(to.sql());
  }

  private BesideLedger.Binding values(Entry entry) {
    return BesideLedger.values(
        job,
        query,
        entry.queryId().toString(),
        entry.first(),
        entry.last(),
        entry.account(),
        table.dialect().time(Instant.now()));
  }

  @Override
  public void forget(UUID queryId, long batch) {
    TableName from = opened();
    table.change(
        from,
        connection ->
            BesideLedger.execute(
                connection,
                "delete from %s%s and \"first_batch\" > ?".formatted(from.sql(), OF_CHECKPOINT),
                BesideLedger.values(job, query, queryId.toString(), batch)));
  }

  private TableName opened() {
    TableName opened = name;
    if (opened == null) {
      throw new IllegalStateException("Cannot change a history that was not opened");
    }
    return opened;
  }
}
