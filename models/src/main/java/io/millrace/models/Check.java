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

  /** The settings of a linear model. */
  static void linear(int iterations, double regularization, double elasticNet) {
    atLeast("iterations", 1, iterations);
    atLeast("regularization", 0, regularization);
    between("elastic-net", 0, 1, elasticNet);
  }

  /** The settings of a tree. */
  static void tree(int depth, int bins, int leaf) {
    between("depth", 0, 30, depth);
    atLeast("bins", 2, bins);
    atLeast("leaf", 1, leaf);
  }

  /** The settings of many trees. */
  static void forest(int trees, int depth, int bins, int leaf, double sample) {
    atLeast("trees", 1, trees);
    tree(depth, bins, leaf);
    share("sample", sample);
  }

  /** The settings of what finds clusters. */
  static void grouping(int clusters, int iterations) {
    atLeast("clusters", 2, clusters);
    atLeast("iterations", 1, iterations);
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
