package io.millrace.sinks.pool;

import org.apache.spark.SparkEnv;

/** Whether the tasks of a job run in the JVM of its driver, and so share what that holds open. */
public final class SharedJvm {
  private static final String DRIVER = "driver";

  private SharedJvm() {}

  /** The master of the running Spark, as in {@code local[2]}. */
  public static String master() {
    SparkEnv environment = SparkEnv.get();
    return environment == null ? "local" : environment.conf().get("spark.master", "local");
  }

  /** What this JVM is to the job: {@code driver}, or {@code executor 1}. */
  static String name() {
    SparkEnv environment = SparkEnv.get();
    String id = environment == null ? DRIVER : environment.executorId();
    return id.equals(DRIVER) ? DRIVER : "executor " + id;
  }

  /** Whether a master runs all tasks in the JVM of the driver. */
  public static boolean of(String master) {
    return master.matches("local(\\[.*])?");
  }
}
