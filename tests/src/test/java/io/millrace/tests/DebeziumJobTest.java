package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Changes of a database, from a topic into another database. */
class DebeziumJobTest {
  private static final String SERVERS = LocalBroker.shared().servers();

  private final String id = "d" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("debezium");

  private Plan plan() {
    return Jobs.plan(
        """
        job: ${ID}
        checkpoint: ${HOME}/checkpoints
        sources:
          - name: changes
            kafka: {servers: "${KAFKA}", topics: ["${ID}"], start: earliest}
            decode: {debezium: "id bigint not null, name string"}
        dead-letters: {memory: "letters_${ID}"}
        sinks:
          - name: names
            jdbc:
              url: "${DB}"
              user: "${DB_USER}"
              table: "${ID}"
              keys: [id]
              order-by: [sequence]
              delete-when: operation = 'delete'
              columns: [id, name, sequence]
            write: merge
            trigger: available-now
        """,
        Map.of(
            "ID",
            id,
            "HOME",
            home.toString(),
            "KAFKA",
            SERVERS,
            "DB",
            LocalPostgres.shared().url(),
            "DB_USER",
            LocalPostgres.shared().user()));
  }

  private static String change(String op, int id, String name, int lsn) {
    String row = "{\"id\": %d, \"name\": \"%s\"}".formatted(id, name);
    return "{\"before\": %s, \"after\": %s, \"op\": \"%s\", \"source\": {\"lsn\": %d}}"
        .formatted(op.equals("d") ? row : "null", op.equals("d") ? "null" : row, op, lsn);
  }

  private void tell(int key, String... changes) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (String change : changes) {
      records.add(
          new ProducerRecord<>(
              id,
              Topics.bytes("" + key),
              change.equals("tombstone") ? null : Topics.bytes(change)));
    }
    Topics.write(SERVERS, records);
  }

  @Test
  void aTableIsThatOfTheDatabaseWhateverTheOrderAndEveryRecordIsAccountedFor() throws SQLException {
    LocalBroker.shared().createTopic(id, 2);
    LocalPostgres.shared()
        .execute(
            "create table " + id + " (id bigint primary key, name text, sequence bigint not null)");
    tell(1, change("r", 1, "old", 10), change("u", 1, "new", 14), change("u", 1, "mid", 12));
    tell(2, change("c", 2, "gone", 11), change("d", 2, "gone", 15), "tombstone");
    Jobs.run(plan());
    // Behind its delete, and again.
    tell(2, change("u", 2, "late", 13), change("d", 2, "gone", 15), "tombstone");
    tell(1, change("u", 1, "new", 14), "{\"op\": \"t\"}");
    tell(3, "{\"payload\": " + change("c", 3, "with its schema", 16) + "}");
    Jobs.run(plan());

    assertThat(table()).containsExactly("1 new 14", "3 with its schema 16");
    Audit audit = Audit.of(plan(), Sessions::spark).get(0);
    assertThat(audit.holds()).isTrue();
    assertThat(audit.total().orElseThrow().intakes())
        .containsExactly(new Account.Intake("changes", 12, 9, 1, 2));
  }

  private List<String> table() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                LocalPostgres.shared().url(), LocalPostgres.shared().user(), "");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select * from " + id + " order by id")) {
      while (result.next()) {
        rows.add(result.getLong(1) + " " + result.getString(2) + " " + result.getLong(3));
      }
    }
    return rows;
  }
}
