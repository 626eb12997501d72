package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spi.Failpoint;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void everyFailpointIsFailedAtBySomeSink() {
    Set<String> failed = new HashSet<>();
    for (Mode mode : Mode.values()) {
      Failures.places(mode).forEach(place -> failed.add(place.substring(0, place.indexOf('@'))));
    }
    LetterFailures.POINTS.forEach(point -> failed.add(point.at("").replace("@", "")));

    assertThat(failed)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Failpoint.values()).map(point -> point.at("").replace("@", "")).toList());
  }
}
