package io.millrace.models.compiled;

/** Sums with the bits of Scala's. */
final class Sums {
  private Sums() {}

  /** Of at least one number: from the first to the last, not from 0. */
  static double of(double[] numbers) {
    double sum = numbers[0];
    for (int i = 1; i < numbers.length; i++) {
      sum += numbers[i];
    }
    return sum;
  }
}
