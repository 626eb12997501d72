package io.millrace.engine.spec;

import java.util.Optional;

/**
 * When a query starts a batch, as it is written.
 *
 * @param word an interval, or a word of the language
 * @param batches how long a batch is, beside {@code realtime}
 */
public record TriggerSpec(Word word, Optional<Word> batches) {
  /** What stands for a query that hands on each row as it comes. */
  public static final String REAL_TIME = "realtime";
}
