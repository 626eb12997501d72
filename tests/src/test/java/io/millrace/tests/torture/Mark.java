package io.millrace.tests.torture;

import java.util.Map;

/**
 * How far a batch reads, as its query noted before it began.
 *
 * @param watermark in milliseconds, what the batch evicts by; 0 for none
 * @param ends the offset behind the last record, by partition
 */
record Mark(long watermark, Map<Integer, Long> ends) {
  static final Mark NOTHING = new Mark(0, Map.of());

  Mark {
    ends = Map.copyOf(ends);
  }

  long end(int partition) {
    return ends.getOrDefault(partition, 0L);
  }

  /** Whether it reads everything that another one reads. */
  boolean covers(Map<Integer, Long> others) {
    return others.entrySet().stream().allMatch(other -> end(other.getKey()) >= other.getValue());
  }
}
