package io.millrace.jobs.submit;

import org.apache.spark.network.util.JavaUtils;

/** Sizes as Spark writes them. */
public final class Megabytes {
  private Megabytes() {}

  /**
   * Megabytes of a size such as {@code 2g} or {@code 512m}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static long of(String size) {
    try {
      return JavaUtils.byteStringAsMb(size);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Cannot take '" + size + "' as a size. Write 512m or 4g", e);
    }
  }
}
