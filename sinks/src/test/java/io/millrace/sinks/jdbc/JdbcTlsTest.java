package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.testing.Batches;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Databases by TLS, trusted by a file. */
class JdbcTlsTest {
  private static void write(Given given) {
    assertThat(Batches.run(given.sink(), query(), APPEND, 0, sql("select 1 n"))).hasSize(1);
  }

  private static void refuses(Given given, String why) {
    assertThatThrownBy(() -> write(given))
        .hasMessageStartingWith(
            "Cannot connect to %s by TLS: ".formatted(given.settings().database().place()))
        .hasMessageContaining(why)
        .hasMessageEndingWith(
            "Check that url has the host of the server's certificate, and truststore the"
                + " certificate of who signed it");
  }

  /** A server for localhost, before and after its certificate expires. */
  private static void speaksTls(Given given, Path folder, Runnable expire, String expired) {
    Given trusting = given.trusting(folder.resolve("authority.pem"));
    write(trusting);
    String elsewhere = given.settings().url().replace("localhost", "127.0.0.1");
    refuses(trusting.at(elsewhere), "127.0.0.1");
    expire.run();
    refuses(trusting.connections(3), expired);
  }

  @Test
  void writesToAPostgresqlThatItTrusts() {
    Path folder = Folders.temporary("postgres-tls");
    try (LocalPostgres server = LocalPostgres.startSecured(folder)) {
      Given given = Given.table(server, "rows");
      speaksTls(given, folder, server::expire, "the certificate has expired, NotAfter: ");
    }
  }

  @Test
  void writesToAMariaDbThatItTrusts() {
    Path folder = Folders.temporary("mariadb-tls");
    try (LocalMariaDb server = LocalMariaDb.startSecured(folder)) {
      Given given = Given.table(server, "rows");
      speaksTls(
          given,
          folder,
          server::expire,
          "the certificate has expired, or none of the truststore has signed it");
    }
  }

  @Test
  void refusesTrustWhereThereIsNoTls() {
    assertThatThrownBy(
            () ->
                Given.table(LocalPostgres.shared(), "rows")
                    .at("jdbc:h2:mem:x")
                    .trusting(Path.of("a.pem"))
                    .settings())
        .hasMessage(
            "Cannot use a truststore for jdbc:h2:mem:x, which is reached without TLS. Leave it"
                + " out");
  }
}
