package io.millrace.models;

/** Checks of settings that are numbers. */
final class Check {
  private Check() {}

  static void atLeast(String setting, double least, double value) {
    require(value >= least, setting, plain(least) + " or more", value);
  }

  static void between(String setting, double least, double most, double value) {
    require(value >= least && value <= most, setting, plain(least) + " to " + plain(most), value);
  }

  /** More than 0 and at most 1. */
  static void share(String setting, double value) {
    require(value > 0 && value <= 1, setting, "more than 0 and at most 1", value);
  }

  private static void require(boolean holds, String setting, String words, double value) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Expected " + setting + " of " + words + ", found " + plain(value));
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
