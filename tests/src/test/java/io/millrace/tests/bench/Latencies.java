package io.millrace.tests.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How long rows took from when they were to be sent to when a consumer had them, in milliseconds.
 *
 * @param p99Running of the rows that were not sent within a second of a pause between two batches
 */
record Latencies(double p50, double p99, double p99Running, double worst) {
  private static final double AROUND = 1_000;

  /**
   * Of rows in any order.
   *
   * @param sent when each was to be sent
   * @param took how long each took
   * @param pauses when batches ended
   */
  static Latencies of(double[] sent, double[] took, List<Long> pauses) {
    double[] running =
        IntStream.range(0, took.length)
            .filter(i -> pauses.stream().noneMatch(pause -> Math.abs(pause - sent[i]) < AROUND))
            .mapToDouble(i -> took[i])
            .toArray();
    return new Latencies(share(took, 0.5), share(took, 0.99), share(running, 0.99), share(took, 1));
  }

  /** For a person. */
  String text() {
    return "p50 %.1f ms, p99 %.1f ms (%.1f between pauses), worst %.0f ms"
        .formatted(p50, p99, p99Running, worst);
  }

  /** The least value that a share of all is not above; NaN of none. */
  private static double share(double[] values, double share) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
