package io.millrace.tests.torture;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** What a person reads. */
final class Report {
  private static final String ROW = "  %-16s %10s %10s %8s %10s %8s %6s%n";

  private Report() {}

  static void print(List<Line> lines, PrintStream out) {
    lines.forEach(line -> print(line, out));
    out.println(
        lines.stream().allMatch(Line::held)
            ? "Held: every row is there once and as it should be, and no reader saw a part of a batch."
            : "NOT HELD: see above.");
  }

  private static void print(Line line, PrintStream out) {
    out.printf(
        "%n%s, seed %d: %,d records, %d starts, %s, %,.0f s, %,d looks of a second reader%n",
        line.name(),
        line.seed(),
        line.records(),
        line.cycles(),
        line.faults(),
        line.seconds(),
        line.looks());
    if (line.sinks().isEmpty()) {
      out.println(line.verdict());
      return;
    }
    out.printf(ROW, "sink", "expected", "found", "lost", "duplicated", "altered", "torn");
    line.sinks()
        .forEach(
            (sink, account) ->
                out.printf(
                    ROW,
                    sink,
                    number(account.expected()),
                    number(account.found()),
                    number(account.lost()),
                    number(account.duplicated()),
                    number(account.altered()),
                    number(account.torn())));
    out.println();
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
