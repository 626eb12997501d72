package io.millrace.jobs.submit;

import java.util.Arrays;
import java.util.Optional;

/** The sorts of cluster that a job can be submitted to, told by the master's address. */
public enum Cluster {
  STANDALONE("spark://"),
  YARN("yarn"),
  KUBERNETES("k8s://");

  private final String start;

  Cluster(String start) {
    this.start = start;
  }

  /** The sort of a master such as {@code spark://host:7077}, empty for one that is no cluster. */
  public static Optional<Cluster> of(String master) {
    return Arrays.stream(values())
        .filter(sort -> sort == YARN ? master.equals(sort.start) : master.startsWith(sort.start))
        .findFirst();
  }
}
