package io.millrace.engine.spec;

import java.util.Optional;

/** Where dead letters go; an empty part drops them. */
public record DeadLetterSpec(
    Position at, Optional<PartSpec> part, Optional<TriggerSpec> trigger, Optional<Limit> limit) {

  /** How many of a batch there may be, in rows and as a share of the rows. */
  public record Limit(Optional<Word> rows, Optional<Word> share) {}
}
