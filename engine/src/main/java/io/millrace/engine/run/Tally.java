package io.millrace.engine.run;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.util.AccumulatorV2;
import org.jspecify.annotations.Nullable;

/**
 * Cells that tasks count rows in. A cell keeps one value for each stage and partition, so a task
 * that is retried or runs twice counts once; where several stages count in a cell, because the same
 * rows were read for several readers, the stage that saw most of them counts.
 */
final class Tally extends AccumulatorV2<Integer, Map<Tally.Place, long[]>> {
  private static final long serialVersionUID = 1;
  private static final int ROOM = 8;

  private final Map<Place, long[]> places = new HashMap<>();
  private long[] here = {};
  private @Nullable Place place;
  private int floor = -1;

  /** Where a task counts. */
  record Place(int stage, int partition) implements java.io.Serializable {
    /** Spark works out some constant rows on the driver. */
    private static final Place DRIVER = new Place(Integer.MAX_VALUE, 0);

    static Place current() {
      TaskContext task = TaskContext.get();
      return task == null ? DRIVER : new Place(task.stageId(), task.partitionId());
    }
  }

  /** Counts a row, in a task. */
  void count(int cell) {
    if (cell >= here.length) {
      place = Place.current();
      here = Arrays.copyOf(here, cell + ROOM);
    }
    here[cell]++;
  }

  @Override
  public void add(Integer cell) {
    count(cell);
  }

  /** Forgets all counts; what tasks of before still tell is not heard. */
  synchronized void begin() {
    floor =
        places.keySet().stream()
            .filter(known -> !known.equals(Place.DRIVER))
            .mapToInt(Place::stage)
            .reduce(floor, Math::max);
    reset();
  }

  /** Rows in a cell since the beginning. */
  synchronized long count(Integer cell) {
    Map<Integer, Long> stages = new HashMap<>();
    value()
        .forEach(
            (known, counts) ->
                stages.merge(known.stage(), cell < counts.length ? counts[cell] : 0, Long::sum));
    return stages.values().stream().flatMapToLong(LongStream::of).max().orElse(0);
  }

  @Override
  public synchronized boolean isZero() {
    return here.length == 0 && places.isEmpty();
  }

  @Override
  public synchronized Tally copy() {
    Tally copy = new Tally();
    copy.places.putAll(places);
    copy.here = here.clone();
    copy.place = place;
    copy.floor = floor;
    return copy;
  }

  @Override
  public synchronized void reset() {
    places.clear();
    here = new long[0];
    place = null;
  }

  @Override
  public synchronized void merge(AccumulatorV2<Integer, Map<Place, long[]>> other) {
    other
        .value()
        .forEach(
            (told, counts) -> {
              if (told.stage() > floor) {
                places.merge(told, counts, Tally::larger);
              }
            });
  }

  private static long[] larger(long[] one, long[] other) {
    long[] both = Arrays.copyOf(one, Math.max(one.length, other.length));
    for (int cell = 0; cell < other.length; cell++) {
      both[cell] = Math.max(both[cell], other[cell]);
    }
    return both;
  }

  @Override
  public synchronized Map<Place, long[]> value() {
    Map<Place, long[]> all = new HashMap<>(places);
    if (place != null) {
      all.merge(place, here.clone(), Tally::larger);
    }
    return all;
  }
}
