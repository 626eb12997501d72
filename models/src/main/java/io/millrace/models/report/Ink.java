package io.millrace.models.report;

import java.awt.Color;
import java.util.Locale;

/** What a part of a plot is drawn with: on a page as its theme says, in pictures on white. */
enum Ink {
  TEXT(0x1f2328),
  FAINT(0xd0d7de),
  MUTED(0x818b98),
  FIRST(0x0969da);

  private final int rgb;

  Ink(int rgb) {
    this.rgb = rgb;
  }

  Color color() {
    return new Color(rgb);
  }

  /** As a page's styles name it. */
  String variable() {
    return "var(--" + name().toLowerCase(Locale.ROOT) + ")";
  }
}
