package io.millrace.tests.torture;

import java.util.List;
import java.util.Map;

/**
 * What came of a campaign.
 *
 * @param accounts by sink
 * @param faults how often each was done, and what came of some
 * @param recoveries of the starts that were left alone long enough
 * @param starts of processes
 * @param records that the topic has
 * @param looks of the second reader into a sink
 * @param tormented seconds from the first start to the last fault
 * @param seconds all of it
 */
record Outcome(
    Map<String, Account> accounts,
    Map<String, Integer> faults,
    List<Recovery> recoveries,
    int starts,
    long records,
    long looks,
    double tormented,
    double seconds) {

  /**
   * Of a job whose starts were all within this JVM.
   *
   * @param begin when it began, as {@link System#nanoTime} tells
   */
  static Outcome within(
      Map<String, Account> accounts,
      Map<String, Integer> faults,
      long records,
      long looks,
      long begin) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Outcome(accounts, faults, List.of(), 0, records, looks, seconds, seconds);
  }

  long kills() {
    return Fault.killed(faults);
  }

  boolean holds() {
    return !accounts.isEmpty() && accounts.values().stream().allMatch(Account::holds);
  }
}
