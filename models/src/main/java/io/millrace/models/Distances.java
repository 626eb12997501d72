package io.millrace.models;

import java.util.Arrays;
import java.util.List;

/** How far two distributions are apart that were counted in the same bins. */
final class Distances {
  private static final double EMPTY = 0.5;

  private Distances() {}

  /**
   * Population stability index (Siddiqi 2006): symmetric, 0 where the shares are alike. A bin that
   * is empty counts as half a row, as the logarithm of nothing is none.
   */
  static double stability(long[] learned, long[] now) {
    double all = Arrays.stream(learned).sum();
    double rows = Arrays.stream(now).sum();
    if (all == 0 || rows == 0) {
      return 0;
    }
    double sum = 0;
    for (int i = 0; i < learned.length; i++) {
      if (learned[i] > 0 || now[i] > 0) {
        double before = Math.max((double) learned[i], EMPTY) / all;
        double after = Math.max((double) now[i], EMPTY) / rows;
        sum += (after - before) * Math.log(after / before);
      }
    }
    return sum;
  }

  /** The greatest distance of the two distribution functions at the upper edges of the bins. */
  static double apart(long[] learned, long[] now) {
    double all = Arrays.stream(learned).sum();
    double rows = Arrays.stream(now).sum();
    double most = 0;
    long before = 0;
    long after = 0;
    for (int i = 0; i < learned.length && all > 0 && rows > 0; i++) {
      before += learned[i];
      after += now[i];
      most = Math.max(most, Math.abs(before / all - after / rows));
    }
    return most;
  }

  /** A part of a whole; 0 of nothing. */
  static double share(long part, long all) {
    return all == 0 ? 0 : (double) part / all;
  }

  /** Bins added up to groups, of each of which the number of the bin behind it is given. */
  static long[] grouped(long[] counts, List<Integer> ends) {
    long[] groups = new long[ends.size()];
    int bin = 0;
    for (int i = 0; i < groups.length; i++) {
      for (; bin < ends.get(i); bin++) {
        groups[i] += counts[bin];
      }
    }
    return groups;
  }
}
