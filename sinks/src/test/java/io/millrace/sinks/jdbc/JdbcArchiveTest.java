package io.millrace.sinks.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Archive;
import io.millrace.engine.spi.Chronicle;
import io.millrace.engine.spi.Marks;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.pool.DatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the engine keeps of a job in the database of a sink. */
class JdbcArchiveTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("archive" + System.nanoTime());
  private static final UUID ID = UUID.randomUUID();

  private final Path folder = Folders.temporary("archive");
  private final LocalMariaDb mariaDb =
      LocalMariaDb.shared().createDatabase("archive" + System.nanoTime());

  private Archive.Tables archive(Dialect dialect) {
    Given given = Given.table(DATABASE, "t");
    return archive(
        switch (dialect) {
          case POSTGRESQL -> given;
          case H2 -> given.at("jdbc:h2:" + folder.resolve("h2"));
          case SQLITE -> given.at("jdbc:sqlite:" + folder.resolve("t.sqlite"));
          case MARIADB -> Given.table(mariaDb, "t");
        });
  }

  private static Archive.Tables archive(Given given) {
    return (Archive.Tables)
        new JdbcSink(given.settings())
            .archive(
                () -> {
                  throw new AssertionError("no session is needed");
                });
  }

  private static Chronicle.Entry entry(long first, long last, String account) {
    return new Chronicle.Entry(ID, first, last, account);
  }

  @ParameterizedTest
  @EnumSource
  void keepsAnAccountInThePlaceOfThoseWithinIt(Dialect dialect) {
    Chronicle orders = archive(dialect).chronicle("shop", "orders");
    assertThat(orders.entries()).as("before there is a table").isEmpty();
    orders.open();
    orders.open();
    for (long batch = 0; batch < 4; batch++) {
      orders.keep(entry(batch, batch, "{\"of\": " + batch + "}"));
    }
    orders.keep(entry(3, 3, "{\"of\": 3, \"again\": true}"));
    orders.keep(entry(0, 2, "{\"sum\": 3}"));
    Chronicle other = archive(dialect).chronicle("bank", "orders");
    other.open();
    other.keep(new Chronicle.Entry(UUID.randomUUID(), 0, 0, "{}"));

    assertThat(orders.entries())
        .containsExactlyInAnyOrder(
            entry(0, 2, "{\"sum\": 3}"), entry(3, 3, "{\"of\": 3, \"again\": true}"));
    orders.forget(ID, 2);
    other.forget(ID, -1);
    assertThat(orders.entries()).containsExactly(entry(0, 2, "{\"sum\": 3}"));
    assertThat(other.entries()).hasSize(1);
  }

  @Test
  void isReadWhileSomeoneWrites() throws SQLException {
    Chronicle orders = archive(Dialect.POSTGRESQL).chronicle("busy", "orders");
    orders.open();
    orders.keep(entry(0, 0, "{}"));
    try (Connection writer = DATABASE.connection();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("delete from millrace_history where job = 'busy'");
      statement.execute("set local statement_timeout = 1");
      assertThat(orders.entries()).containsExactly(entry(0, 0, "{}"));
      writer.rollback();
    }
  }

  @ParameterizedTest
  @EnumSource
  void letsOneDriveAtATimeTakeALetter(Dialect dialect) {
    Marks marks = archive(dialect).marks("shop");
    Marks elsewhere = archive(dialect).marks("shop");
    assertThat(marks.underWay()).isEmpty();
    List<String> many = new ArrayList<>();
    for (int letter = 0; letter < 2500; letter++) {
      many.add("letter" + letter);
    }
    assertThat(marks.begin("one", "what one is", many.iterator())).isTrue();
    assertThat(elsewhere.begin("two", "what two is", List.of("free").iterator())).isFalse();
    assertThat(elsewhere.underWay()).contains("what one is");
    elsewhere.end("two");
    assertThat(elsewhere.underWay()).contains("what one is");
    elsewhere.end("one");
    elsewhere.end("one");
    assertThat(marks.underWay()).isEmpty();

    assertThat(elsewhere.begin("two", "", List.of("free", "letter2499").iterator())).isFalse();
    assertThat(elsewhere.underWay()).as("nothing of it is there").isEmpty();
    assertThat(elsewhere.begin("two", "", List.of("free").iterator())).isTrue();
    marks.forget("two");
    assertThat(elsewhere.begin("three", "", List.of("free").iterator())).isTrue();
    assertThat(archive(dialect).marks("bank").begin("x", "", List.of("free").iterator())).isTrue();
  }

  @Test
  void saysWhatToRunWhereItMayNotWrite() throws Exception {
    LocalPostgres own = DATABASE.createDatabase("denied" + System.nanoTime());
    own.createUser("app", "deep-wat3r");
    Path password = Files.writeString(folder.resolve("password"), "deep-wat3r");
    Given given = Given.table(own, "t");
    Chronicle denied = archive(given.as("app", password)).chronicle("shop", "orders");

    String statements =
        "create table if not exists \"millrace_history\" (\"job\" varchar(500) not null, \"query\""
            + " varchar(500) not null, \"query_id\" varchar(36) not null, \"first_batch\" bigint"
            + " not null, \"last_batch\" bigint not null, \"account\" text not null, \"kept_at\""
            + " timestamp with time zone not null, primary key (\"job\", \"query\", \"query_id\","
            + " \"last_batch\"))";
    String grant = "grant select, insert, update, delete on \"millrace_history\" to \"app\"";
    assertThatThrownBy(denied::open)
        .isInstanceOf(DatabaseException.class)
        .hasMessage(
            "Cannot write to the table millrace_history in %s: permission denied for schema public."
                + " Let its owner run: %s; %s",
            own.url(), statements, grant);
    own.execute(statements);
    assertThatThrownBy(denied::open)
        .hasMessageContaining("permission denied for table millrace_history. Let its owner run: ");
    own.execute(grant);
    denied.open();
    denied.keep(entry(0, 0, "{}"));
    assertThat(denied.entries()).hasSize(1);
  }
}
