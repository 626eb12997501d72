package io.millrace.tests.simulation;

import io.millrace.engine.run.Decisions;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Passing;
import io.millrace.engine.spi.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * One start of the job: the launcher's steps, then those of Spark's micro-batch loop over its
 * checkpoint, in the order in which others can see them.
 */
final class Start {
  private static final int MOST_TRIES = 3;

  private final World world;
  private final Actor actor;
  private final UUID id;
  private Origin origin = new Origin("", "plan", Optional.empty());
  private boolean writing;

  Start(World world, Actor actor) {
    this.world = world;
    this.actor = actor;
    world.begun(this);
    actor.step("notes: read id");
    this.id = world.notes().id().orElseGet(this::newId);
  }

  /** It ended by itself, for a reason that it names. */
  static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1;

    Ended(String message) {
      super(message);
    }
  }

  /** It refused to start. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /** Whether what it does to the checkpoint next is to call its batch done, if it can. */
  boolean writing() {
    return writing || actor.dead();
  }

  private UUID newId() {
    actor.step("notes: write id");
    if (world.notes().id().isPresent()) {
      throw new Ended("Cannot start: the checkpoint was begun by another start");
    }
    UUID fresh = new UUID(world.seed(), actor.schedule().draw(Integer.MAX_VALUE));
    world.note(world.notes().of(fresh));
    return fresh;
  }

  private Identity who(String sink) {
    return new Identity("job", sink, "query", id);
  }

  /** Until every row is delivered. */
  void run() {
    Map<String, Long> since = check();
    Map<String, Fence<?>> fences = new LinkedHashMap<>();
    world
        .stores()
        .forEach(
            (name, store) -> {
              if (store instanceof Store.Rows rows) {
                fences.put(name, rows.start(actor, who(name)));
              }
            });
    actor.step("notes: read last batch begun");
    long before = world.notes().begun();
    actor.step("notes: read last batch done");
    Decisions.failIfMoved(fences, before, world.notes().done(), since, this::offsets);
    loop(fences, since, before);
  }

  /** Since when each sink is there. */
  private Map<String, Long> check() {
    actor.step("notes: read last batches");
    long[] before = {world.notes().begun(), world.notes().done()};
    Map<String, Optional<Held>> held = new LinkedHashMap<>();
    world.stores().forEach((name, store) -> held.put(name, store.held(actor, who(name))));
    actor.step("notes: read last batch begun");
    Decisions.Verdict verdict =
        Decisions.fit(
            before, world.notes().begun(), id, held, world.notes().since(), this::offsets);
    Map<String, String> discords = new LinkedHashMap<>(verdict.discords());
    if (world.bug() == Bug.ONE_SIDED_CHECK) {
      discords.values().removeIf(word -> !word.equals("CHECKPOINT_BEHIND"));
    }
    if (!discords.isEmpty()) {
      throw new Refused("Cannot start: " + discords);
    }
    actor.step("notes: keep plan");
    world.note(world.notes().since(verdict.since()));
    return verdict.since();
  }

  private Optional<String> offsets(long batch) {
    return Optional.ofNullable(world.notes().offsets().get(batch)).map(String::valueOf);
  }

  private void loop(Map<String, Fence<?>> fences, Map<String, Long> since, long before) {
    actor.step("notes: read logs");
    Notes read = world.notes();
    long begun = read.begun();
    long next = read.commits().contains(begun) ? begun + 1 : Math.max(0, begun);
    Map<Long, Integer> ends = new LinkedHashMap<>(read.offsets());
    ends.put(-1L, 0);
    while (next <= begun || end(ends, begun) < World.ROWS) {
      if (next > begun) {
        begun = next;
        begin(next, end(ends, next - 1), ends);
      }
      List<Integer> rows =
          IntStream.rangeClosed(end(ends, next - 1) + 1, end(ends, next)).boxed().toList();
      origin = new Origin(Integer.toString(end(ends, next)), "plan", Optional.empty());
      if (world.bug() == Bug.DONE_BEFORE_THE_SINKS) {
        finish(next);
        write(fences, since, before, next, rows);
      } else {
        write(fences, since, before, next, rows);
        finish(next);
      }
      next++;
    }
  }

  private static int end(Map<Long, Integer> ends, long batch) {
    Integer end = ends.get(batch);
    if (end == null) {
      throw new Ended("Cannot go on: the checkpoint has no batch " + batch);
    }
    return end;
  }

  private void begin(long batch, int from, Map<Long, Integer> ends) {
    int end = Math.min(World.ROWS, from + actor.schedule().draw(4));
    actor.step("notes: begin batch " + batch + " up to row " + end);
    if (world.notes().offsets().containsKey(batch)) {
      throw new Ended("Cannot go on: another start has begun batch " + batch);
    }
    world.note(world.notes().begun(batch, end));
    world.planned(batch, end);
    ends.put(batch, end);
  }

  private void finish(long batch) {
    actor.step("notes: call batch " + batch + " done");
    if (world.notes().commits().contains(batch)) {
      throw new Ended("Cannot go on: another start has called batch " + batch + " done");
    }
    world.note(world.notes().done(batch));
  }

  private void write(
      Map<String, Fence<?>> fences,
      Map<String, Long> since,
      long before,
      long batch,
      List<Integer> rows) {
    writing = true;
    boolean done = false;
    for (int tries = 1; !done; tries++) {
      try {
        Decisions.round(
            fences,
            since,
            tries == 1 ? before : Math.max(before, batch),
            batch,
            lacking -> deliver(fences, lacking, batch, rows));
        done = true;
      } catch (RuntimeException e) {
        if (tries == MOST_TRIES || !Passing.in(e)) {
          throw e;
        }
        actor.schedule().happened("tried again");
      }
    }
    world
        .stores()
        .forEach(
            (name, store) -> {
              if (store instanceof Store.Batches batches) {
                batches.write(actor, who(name), batch, rows);
              }
            });
    writing = false;
  }

  private Map<String, List<Receipt>> deliver(
      Map<String, Fence<?>> fences, List<String> lacking, long batch, List<Integer> rows) {
    List<List<Integer>> parts = parts(rows);
    Map<String, List<Receipt>> receipts = new LinkedHashMap<>();
    for (String sink : lacking) {
      Store.Rows store = (Store.Rows) world.store(sink);
      Fence<?> fence = java.util.Objects.requireNonNull(fences.get(sink), sink);
      fence.note(origin);
      receipts.put(sink, store.write(actor, fence, batch, parts));
    }
    if (actor.goesWrong("task fails", 3)) {
      throw new IllegalStateException("Cannot write: a task failed");
    }
    return receipts;
  }

  /** Cut anew each time: which task gets a row is not the same when a batch comes again. */
  private List<List<Integer>> parts(List<Integer> rows) {
    int cut = actor.schedule().draw(rows.size() + 1);
    List<List<Integer>> parts = new ArrayList<>();
    parts.add(rows.subList(0, cut));
    parts.add(rows.subList(cut, rows.size()));
    return parts;
  }
}
