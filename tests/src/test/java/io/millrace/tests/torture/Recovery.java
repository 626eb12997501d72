package io.millrace.tests.torture;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** What it took from a start to the first batch that it completed. */
record Recovery(double seconds, double cpuSeconds) {

  /** The value in the middle; 0 where there is none. */
  static double median(List<Recovery> all, ToDoubleFunction<Recovery> value) {
    return all.stream().mapToDouble(value).sorted().skip(all.size() / 2).findFirst().orElse(0);
  }
}
