package io.millrace.engine.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A forecast as text. */
public final class ForecastText {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  private static final int STEP = 1024;

  private ForecastText() {}

  /** A line for each step that keeps state, and one for all. */
  public static String of(Forecast.Told told) {
    List<String> lines = new ArrayList<>(List.of("state, once the job has run long enough"));
    told.states().forEach(state -> lines.add(line(state.step(), text(state))));
    told.own()
        .forEach(
            step ->
                lines.add(
                    line(
                        step,
                        "not known: a class of the job's own. --state "
                            + step
                            + "=64 says how many bytes it keeps of a key")));
    told.silent().forEach(step -> lines.add(line(step, "not known from its settings")));
    List<String> left = Stream.concat(told.own().stream(), told.silent().stream()).toList();
    if (told.states().isEmpty() && left.isEmpty()) {
      lines.add("  none");
    } else if (told.states().size() > 1) {
      lines.add(
          line(
              "together",
              (Double.isInfinite(told.bytes())
                      ? "grows for as long as the job runs"
                      : bytes(told.bytes()))
                  + (left.isEmpty() ? "" : ", without " + String.join(", ", left))));
    }
    if (!told.open().isEmpty()) {
      lines.add(
          "  All rows count that come to %s: --keep %s=0.3 says what share passes"
              .formatted(String.join(", ", told.open()), told.open().get(0)));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String line(String step, String text) {
    return "  %-14s %s".formatted(step, text);
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
