package io.millrace.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> KNOWN = List.of("topics", "servers", "start", "key");

  @Test
  void findsAWordWithFewMistakes() {
    assertThat(Nearest.to("topcis", KNOWN)).contains("topics");
    assertThat(Nearest.to("server", KNOWN)).contains("servers");
    assertThat(Nearest.to("sart", KNOWN)).contains("start");
    assertThat(Nearest.to("kex", KNOWN)).contains("key");
  }

  @Test
  void findsNothingFarAway() {
    assertThat(Nearest.to("password", KNOWN)).isEmpty();
    assertThat(Nearest.to("", KNOWN)).isEmpty();
    assertThat(Nearest.to("topics", List.of())).isEmpty();
  }

  @Test
  void findsNothingBeyondALimit() {
    assertThat(Nearest.within(1, "kafak", List.of("kafka", "files"))).contains("kafka");
    assertThat(Nearest.within(1, "kafakk", List.of("kafka", "files"))).isEmpty();
  }

  @Test
  void countsASwapAsOneEdit() {
    assertThat(Nearest.distance("topcis", "topics")).isEqualTo(1);
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }
}
