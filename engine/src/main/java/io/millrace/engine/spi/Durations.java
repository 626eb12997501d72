package io.millrace.engine.spi;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Durations as a job file writes them. */
public final class Durations {
  private static final Map<String, Long> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("d", 86_400_000L);
    UNITS.put("h", 3_600_000L);
    UNITS.put("m", 60_000L);
    UNITS.put("s", 1_000L);
  }

  private Durations() {}

  /** In the largest unit that it is a whole number of: {@code 90m}, {@code 0s}. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0s";
    }
    return UNITS.entrySet().stream()
        .filter(unit -> millis % unit.getValue() == 0)
        .findFirst()
        .map(unit -> millis / unit.getValue() + unit.getKey())
        .orElse(millis + "ms");
  }
}
