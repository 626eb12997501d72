package io.millrace.tests.bench;

import java.io.Serializable;

/**
 * What a sink must hold, in three numbers that a missing, doubled or changed row disturbs. The same
 * arithmetic in SQL is in {@link Checks}.
 *
 * @param rows how many there are
 * @param sum of their ids, or of their counts for windows
 * @param mix of all their columns
 */
record Tally(long rows, long sum, long mix) implements Serializable {
  static final Tally NONE = new Tally(0, 0, 0);

  private static final long serialVersionUID = 1;
  private static final long MODULUS = 1_000_003;

  Tally plus(Tally other) {
    return new Tally(rows + other.rows, sum + other.sum, mix + other.mix);
  }

  Tally minus(Tally other) {
    return new Tally(rows - other.rows, sum - other.sum, mix - other.mix);
  }

  static Tally event(long id, long key, long millis, long amount) {
    return new Tally(1, id, eventMix(id, key, millis, amount));
  }

  static long eventMix(long id, long key, long millis, long amount) {
    return id * amount + key * (millis % MODULUS);
  }

  static Tally window(long seconds, long key, long count, long total) {
    return new Tally(1, count, windowMix(seconds, key, count, total));
  }

  static long windowMix(long seconds, long key, long count, long total) {
    return (seconds % MODULUS) * total + key * count;
  }
}
