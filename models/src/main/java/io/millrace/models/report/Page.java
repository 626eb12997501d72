package io.millrace.models.report;

import java.util.List;

/** A page that needs no other file: its styles and plots are in it, and it runs nothing. */
public final class Page {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --text: #1f2328; --faint: #d0d7de; --muted: #656d76;
        --first: #0969da; --ground: #ffffff; }
      @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #30363d;
        --muted: #8d96a0; --first: #58a6ff; --ground: #0d1117; } }
      body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground);
        max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
      table { border-collapse: collapse; }
      th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--faint); }
      td.number { text-align: right; font-variant-numeric: tabular-nums; }
      tr.best { font-weight: 600; }
      .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
      figure { margin: 0; } svg { width: 100%; height: auto; }
      svg text { font: 12px system-ui, sans-serif; }
      """;

  private final StringBuilder body = new StringBuilder();
  private final String title;

  public Page(String title) {
    this.title = title;
  }

  /** Begins a section. */
  public void section(String heading) {
    body.append("<h2>").append(escaped(heading)).append("</h2>\n");
  }

  /** A sentence. */
  public void text(String sentence) {
    body.append("<p>").append(escaped(sentence)).append("</p>\n");
  }

  /** Values by their names. */
  public void facts(List<List<String>> rows) {
    table(List.of(), rows, -1);
  }

  /**
   * A table.
   *
   * @param best the number of the row that stands out, from 0; -1 if none does
   */
  public void table(List<String> heads, List<List<String>> rows, int best) {
    body.append("<table>\n");
    if (!heads.isEmpty()) {
      body.append("<tr>");
      heads.forEach(head -> body.append("<th>").append(escaped(head)).append("</th>"));
      body.append("</tr>\n");
    }
    for (int i = 0; i < rows.size(); i++) {
      body.append(i == best ? "<tr class=\"best\">" : "<tr>");
      rows.get(i).forEach(this::cell);
      body.append("</tr>\n");
    }
    body.append("</table>\n");
  }

  private void cell(String text) {
    boolean number = text.matches("-?[0-9][0-9.,]*( ± [0-9.]+)?");
    body.append(number ? "<td class=\"number\">" : "<td>").append(escaped(text)).append("</td>");
  }

  /** Plots beside each other, as many as there is space for. */
  public void plots(List<Plot> plots) {
    body.append("<div class=\"plots\">\n");
    plots.forEach(plot -> body.append("<figure>").append(plot.svg()).append("</figure>\n"));
    body.append("</div>\n");
  }

  /** The whole page. */
  public String html() {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <h1>%s</h1>
        %s</body>
        </html>
        """
        .formatted(escaped(title), STYLE, escaped(title), body);
  }

  /** Text that is nothing else in HTML and SVG. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            letter -> {
              switch (letter) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(letter);
              }
            });
    return escaped.toString();
  }
}
