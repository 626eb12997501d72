package io.millrace.engine.run;

import org.apache.spark.sql.SparkSession;

/** Jobs whose rows nobody counts, to measure what counting costs. */
public final class Uncounted {
  private Uncounted() {}

  /** A launcher of such jobs. */
  public static Launcher launcher(SparkSession spark) {
    return Launcher.uncounted(spark);
  }
}
