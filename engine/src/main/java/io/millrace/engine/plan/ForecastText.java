package io.millrace.engine.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A forecast as text. */
public final class ForecastText {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  private static final int STEP = 1024;

  private ForecastText() {}

  /** A line for each step that keeps state, and one for all. */
  public static String of(Forecast.Told told) {
    List<String> lines = new ArrayList<>(List.of("state, once the job has run long enough"));
    told.states().forEach(state -> lines.add("  %-14s %s".formatted(state.step(), text(state))));
    told.silent().forEach(step -> lines.add("  %-14s not known from its settings".formatted(step)));
    if (told.states().isEmpty() && told.silent().isEmpty()) {
      lines.add("  none");
    } else if (told.states().size() > 1) {
      lines.add("  %-14s %s".formatted("together", bytes(told.bytes())));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String text(Forecast.State state) {
    String unknown =
        state.unknown().isEmpty()
            ? ""
            : ". Each row counts as another "
                + String.join(", ", state.unknown())
                + ": --keys "
                + state.unknown().get(0)
                + "=1000 says how many there are";
    if (Double.isInfinite(state.entries())) {
      return "grows for as long as the job runs" + unknown;
    }
    return String.format(Locale.ROOT, "%,d entries, ", Math.round(state.entries()))
        + bytes(state.bytes())
        + " before compression"
        + unknown;
  }

  private static String bytes(double bytes) {
    double left = bytes;
    int unit = 0;
    while (left >= STEP && unit < UNITS.length - 1) {
      left /= STEP;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%,.0f %s" : "%,.1f %s", left, UNITS[unit]);
  }
}
