package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.foreach.BatchHandler;
import io.millrace.sinks.foreach.RowHandler;
import io.millrace.sinks.foreach.Task;
import io.millrace.sinks.pool.Database;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.Pools;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Classes of a user: they borrow from the pools of the toolkit and know the batch. */
class UserClassTest {
  private static final String JOB =
      """
      job: handled
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: numbers
          memory: {name: "${ID}", schema: "n bigint"}
      sinks:
        - name: mine
          HANDLER
          trigger: available-now
      """;

  private final String id = "u" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("handled");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "ID", id, "DB", LocalPostgres.shared().url());

  /** Inserts what it gets, with the number of the batch. */
  static final class Inserting {
    private Inserting() {}

    static JdbcPool pool(Map<String, String> settings) {
      return Pools.jdbc(
          new Database(
              String.valueOf(settings.get("url")),
              Optional.of("postgres"),
              Optional.empty(),
              2,
              Duration.ofSeconds(30),
              Map.of()));
    }

    static void insert(Connection connection, String table, long batch, long n)
        throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("insert into " + table + " values (?, ?)")) {
        statement.setLong(1, batch);
        statement.setLong(2, n);
        statement.executeUpdate();
      }
    }
  }

  /** Rows one by one. */
  public static final class Rows implements RowHandler {
    private @Nullable Task task;

    @Override
    public void open(Task opened) {
      task = opened;
    }

    @Override
    public void process(Row row) {
      Task now = Objects.requireNonNull(task);
      Inserting.pool(now.settings())
          .borrow(
              connection -> {
                String table = String.valueOf(now.settings().get("table"));
                Inserting.insert(connection, table, now.batch(), row.getLong(0));
                return true;
              });
    }
  }

  /** A batch in one transaction that replaces what an earlier try wrote. */
  public static final class Batches implements BatchHandler {
    @Override
    public void write(Batch batch, Map<String, String> settings) {
      List<Row> rows = batch.rows().collectAsList();
      String table = String.valueOf(settings.get("table"));
      Inserting.pool(settings)
          .inTransaction(
              connection -> {
                try (PreparedStatement delete =
                    connection.prepareStatement("delete from " + table + " where batch = ?")) {
                  delete.setLong(1, batch.id());
                  delete.executeUpdate();
                }
                for (Row row : rows) {
                  Inserting.insert(connection, table, batch.id(), row.getLong(0));
                }
                return rows.size();
              });
    }
  }

  @Test
  void rowsGoThroughAPool() {
    assertThat(handled("foreach", Rows.class)).containsExactly("0|1", "0|2", "1|3");
  }

  @Test
  void batchesGoThroughAPoolAndReplaceThemselves() {
    assertThat(handled("foreach-batch", Batches.class)).containsExactly("0|1", "0|2", "1|3");
    Jobs.forget(home.resolve("checkpoints"), "numbers", 1);

    run("foreach-batch", Batches.class);

    assertThat(table()).containsExactly("0|1", "0|2", "1|3");
  }

  private List<String> handled(String kind, Class<?> handler) {
    LocalPostgres.shared().execute("create table " + id + " (batch bigint, n bigint)");
    MemoryRows rows = MemoryRows.named(id);
    rows.add(RowFactory.create(1L), RowFactory.create(2L));
    run(kind, handler);
    rows.add(RowFactory.create(3L));
    run(kind, handler);
    return table();
  }

  private void run(String kind, Class<?> handler) {
    String sink =
        "%s: {class-name: %s, settings: {url: '${DB}', table: '${ID}'}}"
            .formatted(kind, handler.getName());
    Jobs.run(Jobs.plan(JOB.replace("HANDLER", sink), variables));
  }

  private List<String> table() {
    return LocalPostgres.shared().read("select batch, n from " + id).stream().sorted().toList();
  }
}
