package io.millrace.tests.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run.
 *
 * @param seconds from the warm session to the last visible row
 * @param cpuSeconds of the job's JVM in that time
 * @param serverCpuSeconds of the broker and the database in that time
 * @param peakMebibytes the most memory that was resident in the JVM's whole life
 * @param latencies of its rows, where they were sent at a fixed rate
 * @param pauses when batches ended, in milliseconds of the clock, where that is noted
 * @param wrong what the sinks held instead of what they should; empty if all is right
 */
record Outcome(
    double seconds,
    double cpuSeconds,
    double serverCpuSeconds,
    double peakMebibytes,
    @Nullable Latencies latencies,
    List<Long> pauses,
    String wrong) {
  Outcome {
    pauses = List.copyOf(pauses);
  }

  /** The same, with what its rows took. */
  Outcome with(Latencies taken) {
    return new Outcome(seconds, cpuSeconds, serverCpuSeconds, peakMebibytes, taken, pauses, wrong);
  }

  boolean checked() {
    return wrong.isEmpty();
  }
}
