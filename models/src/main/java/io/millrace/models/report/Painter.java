package io.millrace.models.report;

import java.util.List;
import java.util.Locale;

/** Draws plots, on any canvas alike. */
final class Painter {
  static final int WIDTH = 480;
  static final int HEIGHT = 360;
  private static final int TOP = 32;
  private static final int BOTTOM = HEIGHT - 48;
  private static final int RIGHT = WIDTH - 20;
  private static final int NUMBERS = 64;
  private static final int NAMES = 170;
  private static final int LETTERS = 24;

  private final Canvas canvas;
  private final int left;

  private Painter(Canvas canvas, int left) {
    this.canvas = canvas;
    this.left = left;
  }

  static void paint(Plot plot, Canvas canvas) {
    canvas.text(new Point(WIDTH / 2.0, 18), plot.title(), Canvas.Align.MIDDLE, Ink.TEXT);
    if (plot instanceof Plot.Curves curves) {
      new Painter(canvas, NUMBERS).curves(curves);
    } else if (plot instanceof Plot.Bars bars) {
      new Painter(canvas, NAMES).bars(bars);
    } else if (plot instanceof Plot.Pairs pairs) {
      new Painter(canvas, NAMES).pairs(pairs);
    } else if (plot instanceof Plot.Matrix matrix) {
      new Painter(canvas, NUMBERS).matrix(matrix);
    }
  }

  private void curves(Plot.Curves plot) {
    axisAcross(plot.x(), plot.across());
    for (double tick : plot.y().ticks()) {
      double y = BOTTOM - plot.y().share(tick) * (BOTTOM - TOP);
      canvas.line(List.of(new Point(left, y), new Point(RIGHT, y)), Ink.FAINT, Canvas.Stroke.THIN);
      canvas.text(new Point(left - 6.0, y + 4), plot.y().text(tick), Canvas.Align.END, Ink.MUTED);
    }
    canvas.upwards(new Point(14, (TOP + BOTTOM) / 2.0), plot.up(), Ink.TEXT);
    plot.curves().forEach(curve -> curve(curve, plot));
  }

  private void curve(Plot.Curve curve, Plot.Curves plot) {
    List<Point> places =
        curve.points().stream()
            .filter(point -> Double.isFinite(point.x()) && Double.isFinite(point.y()))
            .map(point -> place(point, plot))
            .toList();
    switch (curve.style()) {
      case LINE -> canvas.line(places, Ink.FIRST, Canvas.Stroke.THICK);
      case REFERENCE -> canvas.line(places, Ink.MUTED, Canvas.Stroke.DASHED);
      case DOTS -> places.forEach(place -> canvas.dot(place, 2, Ink.FIRST));
      case LINE_AND_DOTS -> {
        canvas.line(places, Ink.FIRST, Canvas.Stroke.THICK);
        places.forEach(place -> canvas.dot(place, 4, Ink.FIRST));
      }
    }
  }

  private Point place(Point value, Plot.Curves plot) {
    return new Point(
        left + plot.x().share(value.x()) * (RIGHT - left),
        BOTTOM - plot.y().share(value.y()) * (BOTTOM - TOP));
  }

  private void axisAcross(Range range, String label) {
    for (double tick : range.ticks()) {
      double x = left + range.share(tick) * (RIGHT - left);
      canvas.line(List.of(new Point(x, TOP), new Point(x, BOTTOM)), Ink.FAINT, Canvas.Stroke.THIN);
      canvas.text(new Point(x, BOTTOM + 16), range.text(tick), Canvas.Align.MIDDLE, Ink.MUTED);
    }
    canvas.text(new Point((left + RIGHT) / 2.0, HEIGHT - 12), label, Canvas.Align.MIDDLE, Ink.TEXT);
  }

  private void bars(Plot.Bars plot) {
    double least = plot.bars().stream().mapToDouble(Plot.Bar::value).min().orElse(0);
    double most = plot.bars().stream().mapToDouble(Plot.Bar::value).max().orElse(0);
    Range range =
        least < 0 || most > 0 ? new Range(Math.min(0, least), Math.max(0, most)) : Range.unit();
    axisAcross(range, plot.across());
    double step = (BOTTOM - TOP) / (double) Math.max(1, plot.bars().size());
    for (int i = 0; i < plot.bars().size(); i++) {
      Plot.Bar bar = plot.bars().get(i);
      box(range, bar.value(), TOP + (i + 0.15) * step, step * 0.7, Ink.FIRST);
      label(bar.label(), TOP + i * step, step);
    }
  }

  private void box(Range range, double value, double top, double height, Ink ink) {
    double zero = left + range.share(0) * (RIGHT - left);
    double end = left + range.share(value) * (RIGHT - left);
    canvas.box(new Point(Math.min(zero, end), top), Math.abs(end - zero), height, ink, 0.8);
  }

  private void label(String label, double top, double step) {
    canvas.text(
        new Point(left - 6.0, top + step / 2 + 4), shortened(label), Canvas.Align.END, Ink.TEXT);
  }

  private void pairs(Plot.Pairs plot) {
    double most =
        plot.pairs().stream()
            .mapToDouble(pair -> Math.max(pair.first(), pair.second()))
            .max()
            .orElse(0);
    Range range = new Range(0, most > 0 ? most : 1);
    axisAcross(range, "Share: " + plot.first() + " in grey, " + plot.second() + " in blue");
    double step = (BOTTOM - TOP) / (double) Math.max(1, plot.pairs().size());
    for (int i = 0; i < plot.pairs().size(); i++) {
      Plot.Pair pair = plot.pairs().get(i);
      double top = TOP + i * step;
      box(range, pair.first(), top + step * 0.1, step * 0.4, Ink.MUTED);
      box(range, pair.second(), top + step * 0.5, step * 0.4, Ink.FIRST);
      label(pair.label(), top, step);
    }
  }

  private void matrix(Plot.Matrix plot) {
    int size = plot.labels().size();
    double width = (RIGHT - left) / (double) size;
    double height = (BOTTOM - TOP) / (double) size;
    for (int i = 0; i < size; i++) {
      long all = plot.counts().get(i).stream().mapToLong(Long::longValue).sum();
      for (int j = 0; j < size; j++) {
        long count = plot.counts().get(i).get(j);
        Point corner = new Point(left + j * width, TOP + i * height);
        canvas.box(corner, width, height, Ink.FIRST, all == 0 ? 0 : 0.6 * count / all);
        canvas.text(
            new Point(corner.x() + width / 2, corner.y() + height / 2 + 4),
            String.format(Locale.ROOT, "%,d", count),
            Canvas.Align.MIDDLE,
            Ink.TEXT);
      }
      names(plot.labels().get(i), i, width, height);
    }
    canvas.text(
        new Point((left + RIGHT) / 2.0, HEIGHT - 12), "Predicted", Canvas.Align.MIDDLE, Ink.TEXT);
    canvas.upwards(new Point(14, (TOP + BOTTOM) / 2.0), "Actual", Ink.TEXT);
  }

  private void names(String label, int number, double width, double height) {
    canvas.text(
        new Point(left - 6.0, TOP + (number + 0.5) * height + 4),
        label,
        Canvas.Align.END,
        Ink.MUTED);
    canvas.text(
        new Point(left + (number + 0.5) * width, BOTTOM + 16),
        label,
        Canvas.Align.MIDDLE,
        Ink.MUTED);
  }

  private static String shortened(String label) {
    return label.codePointCount(0, label.length()) <= LETTERS
        ? label
        : label.substring(0, label.offsetByCodePoints(0, LETTERS - 1)) + "…";
  }
}
