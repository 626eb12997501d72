package io.millrace.engine.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a step keeps of a stream, in event time and beyond the delay of its watermark: enough to say
 * how much state comes of so many rows a second.
 */
public sealed interface Keeping {
  /** The columns by which rows come together. */
  List<String> by();

  /**
   * An entry for each group of each window.
   *
   * @param by columns that the rows of a window are grouped by
   * @param every how often a window begins
   * @param size how long one is
   * @param late how long behind its end it is kept
   */
  record Windows(List<String> by, Duration every, Duration size, Duration late)
      implements Keeping {}

  /**
   * An entry for each session of a key.
   *
   * @param by the columns of the key
   * @param gap how long a key is silent between two sessions
   */
  record Sessions(List<String> by, Duration gap) implements Keeping {}

  /**
   * An entry for each key.
   *
   * @param by the columns of the key; one entry in all where there are none
   * @param span how long it is kept behind its last row; empty if that is for ever
   */
  record Keys(List<String> by, Optional<Duration> span) implements Keeping {}

  /**
   * The rows of an input: each an entry where it waits for rows of another input, else those of a
   * key together.
   *
   * @param input the place of the input among those of the step
   * @param by the columns of the key
   * @param span how long it waits; empty if that is for ever
   */
  record Rows(int input, List<String> by, Optional<Duration> span) implements Keeping {}
}
