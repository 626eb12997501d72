package io.millrace.models.report;

import java.util.List;

/** What is to be seen, apart from how it is drawn. */
public sealed interface Plot {
  /** Its name in files. */
  String name();

  String title();

  /** The plot for a page. */
  default String svg() {
    SvgCanvas canvas = new SvgCanvas(title());
    Painter.paint(this, canvas);
    return canvas.svg();
  }

  /** The plot as a picture. */
  default byte[] png() {
    try (PngCanvas canvas = new PngCanvas()) {
      Painter.paint(this, canvas);
      return canvas.png();
    }
  }

  /** How the points of a curve are shown. */
  enum Style {
    LINE,
    DOTS,
    LINE_AND_DOTS,
    /** Something to compare with. */
    REFERENCE
  }

  /** Values over values. */
  record Curve(Style style, List<Point> points) {
    public Curve {
      points = List.copyOf(points);
    }
  }

  /**
   * Curves over one pair of axes.
   *
   * @param across what the x axis tells
   * @param up what the y axis tells
   * @param x the values that the x axis shows
   * @param y the values that the y axis shows
   */
  record Curves(
      String name, String title, String across, String up, Range x, Range y, List<Curve> curves)
      implements Plot {
    public Curves {
      curves = List.copyOf(curves);
    }
  }

  /** A value with its name. */
  record Bar(String label, double value) {}

  /** Bars below each other, the first at the top. */
  record Bars(String name, String title, String across, List<Bar> bars) implements Plot {
    public Bars {
      bars = List.copyOf(bars);
    }
  }

  /** Two shares, 0 to 1, with the name of what they are of. */
  record Pair(String label, double first, double second) {}

  /**
   * Pairs of bars below each other, to compare two distributions.
   *
   * @param first what the first bar of each pair is
   * @param second what the second one is
   */
  record Pairs(String name, String title, String first, String second, List<Pair> pairs)
      implements Plot {
    public Pairs {
      pairs = List.copyOf(pairs);
    }
  }

  /**
   * How often each of some classes was taken for each.
   *
   * @param counts row by row: what it was, then what it was taken for
   */
  record Matrix(String name, String title, List<String> labels, List<List<Long>> counts)
      implements Plot {
    public Matrix {
      labels = List.copyOf(labels);
      counts = counts.stream().map(List::copyOf).toList();
    }
  }
}
