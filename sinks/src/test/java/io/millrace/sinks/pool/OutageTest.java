package io.millrace.sinks.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutageTest {
  @ParameterizedTest
  @CsvSource({
    "08006, true", "28P01, true", "53100, true", "53300, true", "57P03, true", "55P03, true",
    "40P01, true", "57014, true", "25006, true", "HYT00, true", "22001, false", "23505, false",
    "42501, false", "3D000, false"
  })
  void tellsTheSystemFromTheRows(String state, boolean passes) {
    assertThat(new DatabaseException("x", new SQLException("x", state)).passes()).isEqualTo(passes);
  }

  @Test
  void knowsTheNumbersOfSqlite() {
    assertThat(Outage.is(new SQLException("busy", null, 5))).isTrue();
    assertThat(Outage.is(new SQLException("constraint", null, 19))).isFalse();
  }

  @Test
  void takesAPoolThatIsLentForAFaultOfTheJob() {
    assertThat(Outage.is(new SQLException("all lent"))).isFalse();
    assertThat(Outage.is(new IllegalStateException())).isFalse();
  }
}
