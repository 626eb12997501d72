package io.millrace.tests.simulation;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A table whose versions are put there one after another, as Delta's are: whole, or not at all. */
final class Lake implements Store.Batches {
  private Version now = new Version(0, List.of(), Map.of());
  private final List<Version> history = new ArrayList<>(List.of(now));

  /** What is there, with the last batch of each checkpoint. */
  private record Version(int number, List<Integer> rows, Map<UUID, Long> markers) {}

  @Override
  public List<Integer> rows() {
    return now.rows();
  }

  @Override
  public long last() {
    return now.markers().values().stream().mapToLong(Long::longValue).max().orElse(-1);
  }

  @Override
  public Optional<Held> held(Actor actor, Identity who) {
    actor.step("lake: read markers");
    return now.markers().entrySet().stream()
        .filter(marker -> marker.getKey().equals(who.queryId()))
        .findFirst()
        .or(() -> now.markers().entrySet().stream().findFirst())
        .map(
            marker ->
                new Held(
                    marker.getKey(), 0, marker.getValue(), Optional.empty(), Optional.empty()));
  }

  @Override
  public void write(Actor actor, Identity who, long batch, List<Integer> rows) {
    actor.step("lake: read version");
    Version read = now;
    if (has(read, who, batch)) {
      return;
    }
    actor.step("lake: put version of batch " + batch);
    if (now.number() != read.number() && has(now, who, batch)) {
      throw new IllegalStateException("Cannot commit: a concurrent transaction has the batch");
    }
    Map<UUID, Long> markers = new LinkedHashMap<>(now.markers());
    markers.put(who.queryId(), batch);
    List<Integer> all = new ArrayList<>(now.rows());
    all.addAll(rows);
    now = new Version(now.number() + 1, List.copyOf(all), markers);
    history.add(now);
    actor.step("lake: answered");
  }

  private static boolean has(Version version, Identity who, long batch) {
    return version.markers().getOrDefault(who.queryId(), -1L) >= batch;
  }

  @Override
  public void tick(Schedule schedule) {}

  @Override
  public boolean goBack(Schedule schedule) {
    if (schedule.alive() > 0) {
      return false;
    }
    now = history.get(schedule.draw(history.size()));
    return true;
  }
}
