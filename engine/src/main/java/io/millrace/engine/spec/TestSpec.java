package io.millrace.engine.spec;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A test of a job as it is written: rows that come batch by batch, and what has to come of them.
 *
 * @param expect the rows of each target that the test looks at: of a sink, a step, or {@link
 *     #DEAD_LETTERS}
 */
public record TestSpec(Word name, List<Given> given, List<Rows> expect) {
  /** The target that dead letters are expected in. */
  public static final String DEAD_LETTERS = "dead-letters";

  /** Rows of a source or a target: maps of columns, or payloads as they are. */
  public record Rows(Word name, List<Tree> rows) {}

  /** What comes next: first the watermark moves, then the rows come in one batch. */
  public record Given(Optional<Instant> watermark, List<Rows> rows) {}
}
