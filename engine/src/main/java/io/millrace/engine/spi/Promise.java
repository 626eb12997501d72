package io.millrace.engine.spi;

/**
 * What a kind of sink promises, and why it can.
 *
 * @param when what a job writes to have it, such as {@code delivery: exactly-once}; blank for what
 *     it always has
 * @param why a clause that says how a batch that comes again is met
 */
public record Promise(Guarantee guarantee, String when, String why) {

  /** What a kind promises however it is written. */
  public static Promise always(Guarantee guarantee, String why) {
    return new Promise(guarantee, "", why);
  }
}
