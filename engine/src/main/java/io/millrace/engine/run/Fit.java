package io.millrace.engine.run;

import io.millrace.engine.spi.Held;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongFunction;

/**
 * Whether the checkpoint of a query and what its sinks remember fit.
 *
 * @param discords in what they differ, by the names of the sinks that do not fit
 * @param joined since when each sink is there that was there before, or fits
 */
record Fit(Map<String, Discord> discords, Joined joined) {

  Fit {
    discords = Map.copyOf(discords);
  }

  /**
   * Compares.
   *
   * @param held what each sink remembers
   * @param before since when each sink is there, as kept by the last start
   * @param offsets where the sources stood at the end of a batch, as far as the checkpoint knows
   */
  static Fit of(
      Progress progress,
      UUID id,
      Map<String, Optional<Held>> held,
      Joined before,
      LongFunction<Optional<String>> offsets) {
    Map<String, Discord> discords = new LinkedHashMap<>();
    Joined joined = before;
    for (Map.Entry<String, Optional<Held>> sink : held.entrySet()) {
      Optional<Long> since = before.of(sink.getKey());
      Optional<Discord> discord = Discord.of(progress, id, sink.getValue(), since, offsets);
      if (discord.isPresent()) {
        discords.put(sink.getKey(), discord.get());
      } else if (since.isEmpty()) {
        joined = joined.with(sink.getKey(), since(progress, sink.getValue()));
      }
    }
    return new Fit(discords, joined);
  }

  /** A sink that has batches did not join now, whatever is kept of its joining. */
  private static long since(Progress progress, Optional<Held> held) {
    return held.filter(found -> found.batch() >= 0).isPresent() ? -1 : progress.settled();
  }

  /** In what a sink differs; empty if it fits. */
  Optional<Discord> of(String sink) {
    return Optional.ofNullable(discords.get(sink));
  }
}
