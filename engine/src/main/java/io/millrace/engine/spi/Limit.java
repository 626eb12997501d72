package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many rows of one batch a job may refuse before it stops.
 *
 * @param rows at most so many
 * @param share at most this share of the rows, 0 to 1, where there are {@link #FEWEST} or more
 */
public record Limit(long rows, double share) implements Serializable {
  public static final Limit NONE = new Limit(Long.MAX_VALUE, 1);

  /** Of fewer rows a share says nothing. */
  public static final long FEWEST = 100;

  /**
   * Whether so many rows may be refused.
   *
   * @param of how many rows there were; negative if that is not known
   */
  public boolean allows(long refused, long of) {
    return refused <= rows && (of < FEWEST || refused <= share * of);
  }

  /**
   * Checks what was refused, before any of it is a dead letter.
   *
   * @param who refuses, as a sentence names it
   * @param of how many rows there were; negative if that is not known
   * @param example the reason of one of them; empty if none is known
   * @throws IllegalStateException with a sentence, if they are too many
   */
  public void check(String who, long batch, long refused, long of, String example) {
    if (!allows(refused, of)) {
      throw new IllegalStateException(
          "Cannot go on: %s refuses %s rows of batch %d, the limit of dead-letters is %s.%s Nothing of this batch is delivered: mend the job or its data and start it again, or raise the limit"
              .formatted(
                  who,
                  of < 0 ? refused + " or more" : refused + " of " + of,
                  batch,
                  this,
                  example.isEmpty() ? "" : " One of them: " + example + "."));
    }
  }

  /** As a person writes it. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (rows < Long.MAX_VALUE) {
      parts.add(rows + " rows");
    }
    if (share < 1) {
      parts.add(String.format(Locale.ROOT, "%.4g", share * 100).replaceFirst("\\.?0+$", "") + "%");
    }
    return parts.isEmpty() ? "none" : String.join(" and ", parts);
  }
}
