package io.millrace.models.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class PlotTest {
  private static final Plot.Curves CURVES =
      new Plot.Curves(
          "roc",
          "ROC <b>",
          "False & true",
          "True",
          Range.unit(),
          new Range(0, 2),
          List.of(
              new Plot.Curve(Plot.Style.LINE, List.of(new Point(0, 0), new Point(0.5, 1))),
              new Plot.Curve(Plot.Style.DOTS, List.of(new Point(1, 2), new Point(0, Double.NaN)))));

  @Test
  void putsPointsWhereTheAxesSay() throws Exception {
    Document svg = parsed(CURVES);
    Element line =
        (Element)
            svg.getElementsByTagName("polyline")
                .item(svg.getElementsByTagName("polyline").getLength() - 1);

    assertThat(line.getAttribute("points")).isEqualTo("64.00,312.00 262.00,172.00 ");
    assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(1);
    Element dot = (Element) svg.getElementsByTagName("circle").item(0);
    assertThat(dot.getAttribute("cx")).isEqualTo("460.00");
    assertThat(dot.getAttribute("cy")).isEqualTo("32.00");
    assertThat(svg.getDocumentElement().getTextContent()).contains("ROC <b>", "False & true");
  }

  @Test
  void drawsTheSameAsAPicture() throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(CURVES.png()));

    assertThat(image.getWidth()).isEqualTo(2 * Painter.WIDTH);
    assertThat(image.getHeight()).isEqualTo(2 * Painter.HEIGHT);
    assertThat(new java.awt.Color(image.getRGB(2 * 163, 2 * 242))).isEqualTo(Ink.FIRST.color());
    assertThat(image.getRGB(2, 2)).isEqualTo(0xffffffff);
  }

  @Test
  void drawsBarsFromZeroAndCutsLongNames() throws Exception {
    Document svg =
        parsed(
            new Plot.Bars(
                "importance",
                "Importance",
                "Share",
                List.of(new Plot.Bar("a".repeat(40), 4), new Plot.Bar("b", -1))));
    Element first = (Element) svg.getElementsByTagName("rect").item(0);
    Element second = (Element) svg.getElementsByTagName("rect").item(1);

    assertThat(first.getAttribute("x")).isEqualTo("228.00");
    assertThat(first.getAttribute("width")).isEqualTo("232.00");
    assertThat(second.getAttribute("x")).isEqualTo("170.00");
    assertThat(second.getAttribute("width")).isEqualTo("58.00");
    assertThat(svg.getDocumentElement().getTextContent()).contains("a".repeat(23) + "…");
  }

  @Test
  void showsCountsOfAMatrix() throws Exception {
    Document svg =
        parsed(
            new Plot.Matrix(
                "confusion",
                "Confusion",
                List.of("0", "1"),
                List.of(List.of(1_000L, 0L), List.of(1L, 3L))));

    assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(4);
    assertThat(((Element) svg.getElementsByTagName("rect").item(3)).getAttribute("fill-opacity"))
        .isEqualTo("0.45");
    assertThat(svg.getDocumentElement().getTextContent()).contains("1,000");
  }

  @Test
  void writesRoundValuesAtAxes() {
    assertThat(texts(Range.unit())).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8", "1.0");
    assertThat(texts(new Range(-130, 260))).containsExactly("-100", "0", "100", "200");
    assertThat(texts(new Range(0.0012, 0.0049))).containsExactly("0.002", "0.003", "0.004");
    assertThat(Range.around(DoubleStream.of(5, 5))).isEqualTo(new Range(2.5, 7.5));
    assertThat(Range.around(DoubleStream.of(0, 20, Double.NaN))).isEqualTo(new Range(-1, 21));
    assertThatThrownBy(() -> new Range(1, 1))
        .hasMessage("Expected a range of finite values, found 1.0 to 1.0");
  }

  @Test
  void aPageHoldsAllThatItShowsAndNothingThatRuns() {
    Page page = new Page("Model <script>alert(1)</script>");
    page.section("Figures & more");
    page.table(List.of("name"), List.of(List.of("\"x\"", "1.5")), 0);
    page.plots(List.of(CURVES));
    String html = page.html();

    assertThat(html)
        .contains("<h1>Model &lt;script&gt;alert(1)&lt;/script&gt;</h1>")
        .contains("<h2>Figures &amp; more</h2>")
        .contains("<tr class=\"best\"><td>&quot;x&quot;</td><td class=\"number\">1.5</td></tr>")
        .contains("prefers-color-scheme: dark")
        .doesNotContain("<script", "src=", "href=", "url(", "@import");
  }

  private static List<String> texts(Range range) {
    return range.ticks().stream().map(range::text).toList();
  }

  private static Document parsed(Plot plot) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new ByteArrayInputStream(plot.svg().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }
}
