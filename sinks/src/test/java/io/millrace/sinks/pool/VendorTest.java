package io.millrace.sinks.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VendorTest {
  private static Database database(String url, Duration idle, Optional<String> truststore) {
    return new Database(
        url,
        Optional.empty(),
        Optional.empty(),
        3,
        Duration.ofSeconds(1),
        idle,
        truststore,
        Map.of());
  }

  @Test
  void namesTheDatabasesThatAreKnown() {
    assertThatThrownBy(() -> Vendor.of("jdbc:mysql://u:p@h/x?a=b"))
        .hasMessage(
            "Expected a URL that starts with jdbc:postgresql:, jdbc:h2:, jdbc:sqlite: or"
                + " jdbc:mariadb:, found jdbc:mysql://h/x");
  }

  @Test
  void letsNoPropertyOfADriverLoadAClassOrReadAFile() {
    for (String name :
        List.of(
            "socketFactory",
            "sessionVariables",
            "initSql",
            "serverSslCert",
            "keyStore",
            "trustStore",
            "credentialType",
            "tlsSocketType",
            "allowLocalInfile",
            "localSocket",
            "serverRsaPublicKeyFile",
            "allowMultiQueries")) {
      assertThatThrownBy(() -> DriverProperties.check("jdbc:mariadb://h/x", Map.of(name, "x")))
          .hasMessageStartingWith("Cannot set the driver's property " + name);
    }
  }

  @Test
  void closesConnectionsThatNothingUses() {
    assertThatThrownBy(() -> database("jdbc:h2:mem:x", Duration.ofSeconds(9), Optional.empty()))
        .hasMessage("Expected an idle-timeout of 10s or more, found 9000ms");
    Database database = database("jdbc:h2:mem:x", Duration.ofSeconds(77), Optional.empty());
    assertThat(JdbcPool.config(database).getIdleTimeout()).isEqualTo(77_000);
    assertThat(JdbcPool.config(database).getMinimumIdle()).isZero();
  }

  @Test
  void checksTheWholeCertificateWhereItIsToldWhomToTrust() {
    Optional<String> file = Optional.of("/a.pem");
    assertThat(database("jdbc:postgresql://h/x", Duration.ofMinutes(1), file).told())
        .containsEntry("sslrootcert", "/a.pem")
        .containsEntry("sslmode", "verify-full");
    assertThat(database("jdbc:mariadb://h/x", Duration.ofMinutes(1), file).told())
        .containsEntry("serverSslCert", "/a.pem")
        .containsEntry("sslMode", "verify-full")
        .containsEntry("transactionIsolation", "READ-COMMITTED");
  }

  @Test
  void hasOneCodeForWhatDatabasesCallDifferently() {
    assertThat(SqlState.of(new SQLException("x", "23000", 1062))).isEqualTo("23505");
    assertThat(SqlState.of(new SQLException("x", "23000", 4025))).isEqualTo("23514");
    assertThat(SqlState.of(new SQLException("x", "HY000", 1205))).isEqualTo("55P03");
    assertThat(SqlState.of(new SQLException("x", "70100", 1969))).isEqualTo("57014");
    assertThat(SqlState.of(new SQLException("x", "23506", 23506))).isEqualTo("23503");
    assertThat(SqlState.of(new SQLException("x", "23505", 1062))).isEqualTo("23505");
    assertThat(SqlState.of(new SQLException("x", (String) null, 19))).isEmpty();
    assertThat(Outage.is(new SQLException("full", "HY000", 1114))).isTrue();
    assertThat(Outage.is(new SQLException("read-only", "HY000", 1290))).isTrue();
    assertThat(Outage.is(new SQLException("duplicate", "23000", 1062))).isFalse();
  }
}
