package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StaticTableTest {
  private static StaticTable refreshed(String text) {
    return new StaticTable(Optional.of(text), Optional.empty());
  }

  @Test
  void isReadOnceUnlessItSaysWhen() {
    assertThat(StaticTable.once().again()).isEqualTo(new StaticTable.Refresh.Never());
    assertThat(refreshed("10m").again())
        .isEqualTo(new StaticTable.Refresh.Every(Duration.ofMinutes(10)));
    assertThat(refreshed("on-change").again()).isEqualTo(new StaticTable.Refresh.OnChange());
    assertThat(refreshed("10m").told())
        .isEqualTo("a table, read again every 10m, for up to 1h as it was where that fails");
  }

  @Test
  void refusesOtherWords() {
    assertThatThrownBy(() -> refreshed("often"))
        .hasMessage("Expected on-change or a duration such as 30s, found 'often'");
    assertThatThrownBy(() -> refreshed("0s"))
        .hasMessage(
            "Expected a refresh of more than 0s. Write on-change to look before each batch");
    assertThatThrownBy(() -> new StaticTable(Optional.empty(), Optional.of(Duration.ZERO)))
        .hasMessage(
            "Cannot use retry alone: a table that is not read again has none. Write refresh: 10m"
                + " too, or leave retry out");
  }
}
