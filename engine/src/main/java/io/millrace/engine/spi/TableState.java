package io.millrace.engine.spi;

import java.time.Instant;
import java.util.Optional;

/**
 * A static table as a query has it.
 *
 * @param version what the source calls it; empty where it tells none
 * @param current when it was last known to be what the source has
 * @param failing since when it cannot be read again; empty while it can
 */
public record TableState(
    Optional<String> version, long rows, Instant current, Optional<Instant> failing) {}
