package io.millrace.tests.bench;

/**
 * One run.
 *
 * @param seconds from the warm session to the last visible row
 * @param cpuSeconds of the job's JVM in that time
 * @param serverCpuSeconds of the broker and the database in that time
 * @param peakMebibytes the most memory that was resident in the JVM's whole life
 * @param wrong what the sinks held instead of what they should; empty if all is right
 */
record Outcome(
    double seconds,
    double cpuSeconds,
    double serverCpuSeconds,
    double peakMebibytes,
    String wrong) {
  boolean checked() {
    return wrong.isEmpty();
  }
}
