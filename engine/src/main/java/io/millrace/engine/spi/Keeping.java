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
   * @param late how long behind its end one is kept
   */
  record Sessions(List<String> by, Duration gap, Duration late) implements Keeping {}

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

  /**
   * Some rows of each key or group, in its entry.
   *
   * @param of the keys or groups
   * @param most how many rows of one
   */
  record Firsts(Keeping of, int most) implements Keeping {
    @Override
    public List<String> by() {
      return of.by();
    }
  }

  /**
   * What is begun by rows and not yet over, in an entry for each key that has any or has rows that
   * wait.
   *
   * @param by the columns of the key
   * @param part what a row meets that begins something
   * @param kept columns of such a row that are kept
   * @param span how long behind such a row it is over
   */
  record Begun(List<String> by, String part, List<String> kept, Duration span) implements Keeping {}

  /** What a class of the job's own keeps of each key, as nobody but its author knows. */
  record Own(List<String> by) implements Keeping {}
}
