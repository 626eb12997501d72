package io.millrace.sinks.console;

import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Text in columns. */
final class TextTable {
  private TextTable() {}

  /** A title, and below it a table where there are rows. */
  static String of(String title, List<String> columns, List<List<String>> rows) {
    if (rows.isEmpty()) {
      return title;
    }
    List<Integer> widths =
        IntStream.range(0, columns.size()).mapToObj(i -> width(i, columns, rows)).toList();
    String rule =
        widths.stream()
            .map(width -> "-".repeat(width + 2))
            .collect(Collectors.joining("+", "+", "+"));
    StringJoiner lines = new StringJoiner("\n");
    lines.add(title).add(rule).add(line(columns, widths)).add(rule);
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines.add(rule).toString();
  }

  private static int width(int column, List<String> columns, List<List<String>> rows) {
    int widest = columns.get(column).length();
    for (List<String> row : rows) {
      widest = Math.max(widest, row.get(column).length());
    }
    return widest;
  }

  private static String line(List<String> cells, List<Integer> widths) {
    return IntStream.range(0, cells.size())
        .mapToObj(i -> cells.get(i) + " ".repeat(widths.get(i) - cells.get(i).length()))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
