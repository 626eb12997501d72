package io.millrace.sinks.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.PGProperty;

class DriverPropertiesTest {
  private static final String POSTGRESQL = "jdbc:postgresql://localhost/x";

  @Test
  void refusesANameThatTheDriverWouldIgnore() {
    assertThatThrownBy(() -> DriverProperties.check(POSTGRESQL, Map.of("sslMode", "verify-full")))
        .hasMessage(
            "Cannot set the driver's property sslMode, which it would ignore. Write sslmode");
    assertThatThrownBy(() -> DriverProperties.check(POSTGRESQL + "?sockettimeout=3", Map.of()))
        .hasMessage(
            "Cannot set the driver's property sockettimeout, which it would ignore. Write"
                + " socketTimeout");
    DriverProperties.check("jdbc:h2:/tmp/x;mode=PostgreSQL", Map.of("IFEXISTS", "true"));
  }

  @Test
  void takesOnlyNamesThatTheDriverKnows() {
    for (String name : Vendor.POSTGRESQL.allowed()) {
      assertThat(PGProperty.forName(name)).as(name).isNotNull();
    }
  }
}
