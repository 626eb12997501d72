package io.millrace.engine.spi;

import java.util.Optional;

/**
 * What a step has to say of the rows of a batch. A function inside a {@link Planned} step's plan
 * may be one: tasks count through it, and the engine logs what it says once per batch.
 */
public interface Notice {
  /** A sentence about the rows since it was last asked, empty if there is nothing to say. */
  Optional<String> take();
}
