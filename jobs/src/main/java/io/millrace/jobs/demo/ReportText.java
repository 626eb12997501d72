package io.millrace.jobs.demo;

import java.util.List;
import java.util.stream.IntStream;

/** A report for a terminal. */
public final class ReportText {
  private ReportText() {}

  public static String of(Report report) {
    StringBuilder text = new StringBuilder();
    report.tables().forEach(table -> table(table, text));
    report.facts().forEach(fact -> text.append("%-12s %s%n".formatted(fact.name(), fact.value())));
    text.append("%n%s%n".formatted(report.verdict()));
    return text.toString();
  }

  private static void table(Report.Table table, StringBuilder text) {
    int[] widths =
        IntStream.range(0, table.columns().size()).map(column -> width(table, column)).toArray();
    text.append("%n%s%n".formatted(table.title()));
    line(table.columns(), table, widths, text);
    text.append("  ").append("-".repeat(IntStream.of(widths).sum() + 2 * widths.length - 2));
    text.append(System.lineSeparator());
    table.rows().forEach(row -> line(row, table, widths, text));
  }

  private static int width(Report.Table table, int column) {
    return Math.max(
        table.columns().get(column).length(),
        table.rows().stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
  }

  private static void line(List<String> row, Report.Table table, int[] widths, StringBuilder text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String side = table.isNumeric(i) ? "" : "-";
      line.append("  ").append(("%" + side + widths[i] + "s").formatted(row.get(i)));
    }
    text.append(line.toString().stripTrailing()).append(System.lineSeparator());
  }
}
