package io.millrace.tests.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The table that a person reads. */
public final class Report {
  private static final String ROW = "%-22s %12s %12s  %-7s %9s  %-17s %s%n";

  private Report() {}

  /** Prints it, and what its ratios are. */
  public static void print(List<Line> lines, PrintStream out) {
    out.printf(ROW, "comparison", "ours", "theirs", "unit", "ratio", "min … max", "checked");
    for (Line line : lines) {
      out.printf(
          ROW,
          line.name(),
          number(line.ours()),
          number(line.theirs()),
          line.unit(),
          ratio(line.ratioMedian()),
          ratio(line.ratioMin()) + " … " + ratio(line.ratioMax()),
          line.checked() ? "yes" : "NO: no score");
    }
    out.println();
    out.println(
        "Ratios are ours by theirs, pair by pair: for rows/s more is better, for cpu s and MiB less.");
  }

  private static String number(@Nullable Double value) {
    if (value == null || value.isNaN()) {
      return "-";
    }
    return String.format(Locale.ROOT, value < 1000 ? "%,.2f" : "%,.0f", value);
  }

  private static String ratio(@Nullable Double value) {
    return value == null || value.isNaN() ? "-" : String.format(Locale.ROOT, "%.2fx", value);
  }
}
