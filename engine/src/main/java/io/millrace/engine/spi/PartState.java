package io.millrace.engine.spi;

import java.util.Map;
import java.util.Optional;

/**
 * What a {@link Renewed} step has in a query.
 *
 * @param version what the last batch saw
 * @param failing why a newer version does not take over; empty where there is none, or it does
 * @param figures of the batches so far, by names such as {@code psi.amount}
 */
public record PartState(String version, Optional<String> failing, Map<String, Double> figures) {
  public PartState {
    figures = Map.copyOf(figures);
  }
}
