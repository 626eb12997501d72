package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.Locale;

/** How the job wants its rows written. */
public record Writing(Mode mode, Write write) implements Serializable {

  /**
   * For a sink that can only append.
   *
   * @param why the rest of the sentence: where it cannot do otherwise, and what would work
   * @throws IllegalArgumentException if the job wants anything else
   */
  public void onlyAppends(String why) {
    if (write != Write.APPEND) {
      throw new IllegalArgumentException(
          "Cannot " + write.name().toLowerCase(Locale.ROOT) + " " + why);
    }
  }
}
