package io.millrace.tests.simulation;

import io.millrace.sinks.jdbc.SimulatedTable;
import io.millrace.sinks.kafka.SimulatedTopic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One job with its checkpoint and its sinks, from its first start to its last row, under one
 * schedule.
 */
final class World {
  static final int ROWS = 9;
  private static final int CALM_STARTS = 8;

  private final long seed;
  private final Bug bug;
  private final Schedule schedule;
  private final Map<String, Store> stores = new LinkedHashMap<>();
  private final List<Notes> history = new ArrayList<>();
  private final Map<Long, Set<Integer>> planned = new LinkedHashMap<>();
  private final List<Start> all = new ArrayList<>();
  private Notes notes = Notes.NONE;
  private int starts;
  private int restored;
  private boolean refused;
  private boolean finished;
  private @Nullable String violation;

  World(long seed, Bug bug) {
    this.seed = seed;
    this.bug = bug;
    this.schedule = new Schedule(seed, this::surprise);
    stores.put(
        "first",
        switch (schedule.draw(3)) {
          case 0 -> new SimulatedTable(false, bug);
          case 1 -> new SimulatedTable(true, bug);
          default -> new SimulatedTopic(bug);
        });
    switch (schedule.draw(4)) {
      case 0 -> stores.put("second", new SimulatedTable(false, bug));
      case 1 -> stores.put("second", new SimulatedTopic(bug));
      case 2 -> stores.put("lake", new Lake());
      default -> {}
    }
  }

  /**
   * What came of it.
   *
   * @param violation what did not hold
   * @param done what happened, and how often
   */
  record Result(Optional<String> violation, Map<String, Integer> done, List<String> trace) {}

  World traced() {
    schedule.traced();
    return this;
  }

  long seed() {
    return seed;
  }

  Bug bug() {
    return bug;
  }

  Notes notes() {
    return notes;
  }

  Map<String, Store> stores() {
    return stores;
  }

  Store store(String name) {
    return Objects.requireNonNull(stores.get(name), name);
  }

  void note(Notes next) {
    notes = next;
    history.add(next);
  }

  void begun(Start start) {
    all.add(start);
  }

  void planned(long batch, int end) {
    planned.computeIfAbsent(batch, key -> new HashSet<>()).add(end);
  }

  /** Runs the job until all rows are delivered, or a start is refused. */
  Result run() {
    int most = 2 + schedule.draw(5);
    while (!over() && starts < most) {
      between();
      if (schedule.anyHalted() && schedule.draw(3) == 0) {
        schedule.wake();
      } else {
        start();
      }
      schedule.run();
      look();
    }
    schedule.calm();
    finished = false;
    for (int calm = 0; !over() && !finished && calm < CALM_STARTS; calm++) {
      if (schedule.draw(2) == 0) {
        wakeAll();
      }
      start();
      schedule.run();
      wakeAll();
      look();
    }
    if (!over()) {
      end();
    }
    schedule.killAll();
    return new Result(Optional.ofNullable(violation), schedule.done(), schedule.trace());
  }

  private boolean over() {
    return refused || violation != null;
  }

  private void start() {
    starts++;
    schedule.start(this::live);
  }

  private void wakeAll() {
    while (schedule.anyHalted()) {
      schedule.wake();
      schedule.run();
    }
  }

  private void live(Actor actor) {
    try {
      new Start(this, actor).run();
      finished = true;
    } catch (Actor.Crash killed) {
      return;
    } catch (Start.Ended e) {
      schedule.happened("ended: " + String.valueOf(e.getMessage()).replaceAll("\\d+", "N"));
    } catch (Start.Refused e) {
      refuse(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      explain(e);
    }
  }

  private void refuse(String why) {
    schedule.happened("refused");
    if (restored == 0) {
      violate("A start was refused, and nothing was put back: " + why);
    }
    refused = true;
  }

  /** A process may end by itself only with a sentence. */
  private void explain(RuntimeException why) {
    Throwable cause = why;
    while (cause.getCause() != null && !String.valueOf(cause.getMessage()).startsWith("Cannot")) {
      cause = cause.getCause();
    }
    String said = String.valueOf(cause.getMessage());
    if (!said.startsWith("Cannot")) {
      violate("A start ended with " + why);
    } else if (said.contains("fenced")) {
      schedule.happened("fenced");
    } else if (said.contains("went back in time")
        || said.contains("was written to")
        || said.contains("is there already")) {
      schedule.happened("stopped: " + said.replaceAll("\\d+", "N"));
      if (restored == 0 && bug == Bug.NONE) {
        violate("A start stopped, and nothing was put back: " + said);
      }
    } else {
      schedule.happened("failed");
    }
  }

  private void violate(String what) {
    if (violation == null) {
      violation = what;
      schedule.happened("VIOLATION " + what);
    }
  }

  /** What can happen while processes are at work. */
  private void surprise(Schedule now) {
    look();
    stores.values().forEach(store -> store.tick(now));
    if (now.alive() < 2 && starts < 6 && now.goesWrong("second start", 15)) {
      start();
    }
    putBack();
  }

  /** What can happen while none is. */
  private void between() {
    stores.values().forEach(store -> store.tick(schedule));
    if (notes.done() >= 0
        && notes.done() == notes.begun()
        && schedule.goesWrong("note of the last batch lost", 15)) {
      note(notes.forgetful());
    }
    putBack();
  }

  /**
   * A checkpoint is put back only where no process is left that could begin a batch on it: a ledger
   * knows the number of a batch, and not which rows it was begun with. Nor is it where a process
   * that has noted its sinks could go on without that note: who then empties a sink is not found.
   * The lake tells a start only numbers, as does a table that knows no epochs, so nothing is put
   * back there once one has had other rows.
   */
  private void putBack() {
    boolean idle = all.stream().allMatch(Start::writing);
    boolean lake = stores.containsKey("lake");
    boolean numbers = lake || bug == Bug.NO_EPOCH;
    if (numbers && planned.values().stream().anyMatch(ends -> ends.size() > 1)) {
      return;
    }
    boolean unfenced = lake && schedule.alive() > 0;
    List<Notes> copies =
        history.stream()
            .filter(copy -> schedule.alive() == 0 || copy.since().equals(notes.since()))
            .toList();
    if (!copies.isEmpty() && idle && !unfenced && schedule.goesWrong("checkpoint put back", 2)) {
      restored++;
      finished = false;
      note(copies.get(schedule.draw(copies.size())));
    } else if (schedule.goesWrong("sink put back", 2)) {
      Store store = List.copyOf(stores.values()).get(schedule.draw(stores.size()));
      if (store.goBack(schedule)) {
        restored++;
        finished = false;
      }
    }
  }

  /** Every state that a reader can see is that of whole batches, each once. */
  private void look() {
    stores.forEach(
        (name, store) -> {
          List<Integer> rows = store.rows().stream().sorted().toList();
          long last = store.last();
          if (!rows.equals(IntStream.rangeClosed(1, rows.size()).boxed().toList())) {
            violate("Sink %s has rows %s".formatted(name, rows));
          } else if (last >= 0 && !planned.getOrDefault(last, Set.of()).contains(rows.size())) {
            violate(
                "Sink %s has batches up to %d and a part of another: rows %s"
                    .formatted(name, last, rows));
          }
        });
  }

  private void end() {
    look();
    if (!finished) {
      if (restored == 0 && bug == Bug.NONE) {
        violate("The job did not end: " + schedule.done());
      }
      return;
    }
    stores.forEach(
        (name, store) -> {
          if (store.rows().size() != ROWS) {
            violate("Sink %s has %d rows in the end".formatted(name, store.rows().size()));
          }
        });
  }
}
