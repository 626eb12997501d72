package io.millrace.models.report;

import java.util.List;

/** What plots are drawn on. Places are counted from the upper left corner. */
interface Canvas {
  /** Which end of a text a place means. */
  enum Align {
    START,
    MIDDLE,
    END
  }

  /** How a line looks. */
  enum Stroke {
    THIN,
    THICK,
    DASHED
  }

  void line(List<Point> points, Ink ink, Stroke stroke);

  void dot(Point center, double radius, Ink ink);

  /**
   * A filled box.
   *
   * @param opacity 0 for nothing, 1 for all of the ink
   */
  void box(Point corner, double width, double height, Ink ink, double opacity);

  void text(Point place, String text, Align align, Ink ink);

  /** Text that reads upwards, its middle at a place. */
  void upwards(Point place, String text, Ink ink);
}
