package io.millrace.models.compiled;

/** Numbers as shares of their sum. */
final class Shares {
  private Shares() {}

  /**
   * Turns counts or votes into probabilities, in place.
   *
   * @throws RowFault if one is below 0 or none is above
   */
  static void normalize(double[] numbers) {
    for (double number : numbers) {
      if (!(number >= 0)) {
        throw new RowFault("Expected raw predictions that are at least 0, but one is " + number);
      }
    }
    double sum = Sums.of(numbers);
    if (!(sum > 0)) {
      throw new RowFault("Expected raw predictions with a sum above 0, but it is " + sum);
    }
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] /= sum;
    }
  }
}
