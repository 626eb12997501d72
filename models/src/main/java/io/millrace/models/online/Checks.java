package io.millrace.models.online;

/** Checks of settings, all of one algorithm told at once. */
final class Checks {
  private final StringBuilder wrong = new StringBuilder();

  /** Tells a sentence where something does not hold. */
  Checks that(boolean holds, String sentence) {
    if (!holds) {
      wrong.append(wrong.isEmpty() ? "" : ". ").append(sentence);
    }
    return this;
  }

  /**
   * Ends the checks.
   *
   * @throws IllegalArgumentException with all that was told
   */
  void done() {
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(wrong.toString());
    }
  }

  /** The settings of a descent. */
  static void descent(
      double step, int iterations, double tolerance, double regularization, double sample) {
    new Checks()
        .that(step > 0, "Expected step of more than 0, found " + step)
        .that(iterations >= 1, "Expected iterations of 1 or more, found " + iterations)
        .that(tolerance >= 0 && tolerance <= 1, "Expected tolerance of 0 to 1, found " + tolerance)
        .that(regularization >= 0, "Expected regularization of 0 or more, found " + regularization)
        .that(
            sample > 0 && sample <= 1,
            "Expected sample of more than 0 and at most 1, found " + sample)
        .done();
  }
}
