package io.millrace.engine.spi;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A sink in real time that has rows together with the offset behind them, so that each is there
 * once. Numbers of batches say nothing there: a restart may use one again for other rows.
 */
public interface OffsetLedger {
  /**
   * What it remembers.
   *
   * @param next the offset behind the rows that are there, by topic and partition
   */
  record Offsets(UUID queryId, Map<String, Map<Integer, Long>> next) {}

  /** What it remembers of a writer; empty if there never was one. */
  Optional<Offsets> offsets(Identity who);
}
