package io.millrace.engine.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link Renewed} step has in a query.
 *
 * @param version what the last batch saw
 * @param failing why a newer version does not take over; empty where there is none, or it does
 * @param warnings what somebody should look at, a few words each
 * @param figures of the batches so far, by names such as {@code psi.amount}
 */
public record PartState(
    String version, Optional<String> failing, List<String> warnings, Map<String, Double> figures) {
  public PartState {
    warnings = List.copyOf(warnings);
    figures = Map.copyOf(figures);
  }
}
