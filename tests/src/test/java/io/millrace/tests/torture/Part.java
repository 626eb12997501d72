package io.millrace.tests.torture;

import java.util.Locale;

/** What a sink holds. */
enum Part {
  ROWS,
  WINDOWS,
  DEAD_LETTERS;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
