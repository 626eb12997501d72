package io.millrace.models.report;

import java.util.List;
import java.util.Locale;

/** Draws as SVG. */
final class SvgCanvas implements Canvas {
  private final StringBuilder svg = new StringBuilder();

  SvgCanvas(String title) {
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\"><title>%s</title>"
            .formatted(Painter.WIDTH, Painter.HEIGHT, Page.escaped(title)));
  }

  /** All that was drawn. */
  String svg() {
    return svg + "</svg>";
  }

  @Override
  public void line(List<Point> points, Ink ink, Stroke stroke) {
    svg.append("<polyline fill=\"none\" stroke=\"").append(ink.variable()).append('"');
    svg.append(
        switch (stroke) {
          case THIN -> "";
          case THICK -> " stroke-width=\"2\"";
          case DASHED -> " stroke-dasharray=\"4 4\"";
        });
    svg.append(" points=\"");
    points.forEach(
        point -> svg.append(number(point.x())).append(',').append(number(point.y())).append(' '));
    svg.append("\"/>");
  }

  @Override
  public void dot(Point center, double radius, Ink ink) {
    svg.append(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\" fill-opacity=\"0.6\"/>"
            .formatted(number(center.x()), number(center.y()), number(radius), ink.variable()));
  }

  @Override
  public void box(Point corner, double width, double height, Ink ink, double opacity) {
    svg.append(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\" fill-opacity=\"%s\"/>"
            .formatted(
                number(corner.x()),
                number(corner.y()),
                number(width),
                number(height),
                ink.variable(),
                number(opacity)));
  }

  @Override
  public void text(Point place, String text, Align align, Ink ink) {
    written(place, text, align, ink, "");
  }

  @Override
  public void upwards(Point place, String text, Ink ink) {
    String turned =
        " transform=\"rotate(-90 %s %s)\"".formatted(number(place.x()), number(place.y()));
    written(place, text, Align.MIDDLE, ink, turned);
  }

  private void written(Point place, String text, Align align, Ink ink, String turned) {
    svg.append(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"%s\"%s>%s</text>"
            .formatted(
                number(place.x()),
                number(place.y()),
                align.name().toLowerCase(Locale.ROOT),
                ink.variable(),
                turned,
                Page.escaped(text)));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
