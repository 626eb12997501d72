package io.millrace.jobs.demo;

import java.util.List;

/** A report as one HTML page that needs nothing else. */
public final class ReportHtml {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%s</title>
      <style>
      :root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6875; --line: #dfe4ea;
        --paper: #ffffff; --back: #f4f6f8; --good: #1a7f4b; --bad: #c0392b; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa7b4;
        --line: #313b46; --paper: #1b222b; --back: #12171d; --good: #4cc38a; --bad: #ff7b6b; } }
      body { margin: 0; padding: 2.5rem 1rem; background: var(--back); color: var(--ink);
        font: 16px/1.5 system-ui, sans-serif; }
      main { max-width: 60rem; margin: 0 auto; }
      h1 { margin: 0 0 .5rem; font-size: 1.8rem; }
      h2 { margin: 0 0 .75rem; font-size: 1.1rem; }
      .verdict { margin: 0 0 1.5rem; font-size: 1.1rem; font-weight: 600; }
      .good { color: var(--good); }
      .bad { color: var(--bad); }
      section { margin: 0 0 1.5rem; padding: 1.25rem 1.5rem; background: var(--paper);
        border: 1px solid var(--line); border-radius: .6rem; overflow-x: auto; }
      table { width: 100%%; border-collapse: collapse; }
      th { color: var(--soft); font-size: .85rem; font-weight: 600; }
      th, td { padding: .4rem .75rem; text-align: left; border-bottom: 1px solid var(--line); }
      tr:last-child td { border-bottom: 0; }
      .number { text-align: right; font-variant-numeric: tabular-nums; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0; }
      dt { color: var(--soft); }
      dd { margin: 0; overflow-wrap: anywhere; }
      </style>
      </head>
      <body>
      <main>
      """;

  private ReportHtml() {}

  public static String of(Report report) {
    StringBuilder page = new StringBuilder(HEAD.formatted(escaped(report.title())));
    page.append("<h1>").append(escaped(report.title())).append("</h1>\n");
    page.append("<p class=\"verdict ").append(report.balanced() ? "good" : "bad").append("\">");
    page.append(escaped(report.verdict())).append("</p>\n");
    report.tables().forEach(table -> table(table, page));
    page.append("<section>\n<h2>About this run</h2>\n<dl>\n");
    for (Report.Fact fact : report.facts()) {
      page.append("<dt>").append(escaped(fact.name())).append("</dt>");
      page.append("<dd>").append(escaped(fact.value())).append("</dd>\n");
    }
    return page.append("</dl>\n</section>\n</main>\n</body>\n</html>\n").toString();
  }

  private static void table(Report.Table table, StringBuilder page) {
    page.append("<section>\n<h2>").append(escaped(table.title())).append("</h2>\n<table>\n<tr>");
    for (int i = 0; i < table.columns().size(); i++) {
      page.append(table.isNumeric(i) ? "<th class=\"number\">" : "<th>");
      page.append(escaped(table.columns().get(i))).append("</th>");
    }
    page.append("</tr>\n");
    table.rows().forEach(row -> row(row, table, page));
    page.append("</table>\n</section>\n");
  }

  private static void row(List<String> row, Report.Table table, StringBuilder page) {
    page.append("<tr>");
    for (int i = 0; i < row.size(); i++) {
      page.append("<td").append(table.isNumeric(i) ? " class=\"number\"" : colour(row.get(i)));
      page.append(">").append(escaped(row.get(i))).append("</td>");
    }
    page.append("</tr>\n");
  }

  private static String colour(String cell) {
    return switch (cell) {
      case "ok" -> " class=\"good\"";
      case "WRONG" -> " class=\"bad\"";
      default -> "";
    };
  }

  /** A text that means itself in HTML, in attributes too. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
