package io.millrace.models;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's side of drift in one query: adds up what the tasks of each batch counted, and warns
 * and stops as the settings say. Another version starts with no rows, and so does a query.
 */
final class DriftMeter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DriftMeter.class);

  /** Versions that are loaded and may still be seen; a step has two at most. */
  private static final int MOST = 16;

  /** A figure is no longer above its bound once it is below this part of it. */
  private static final double EASED = 0.9;

  private final JavaSparkContext context;
  private final String step;
  private final DriftSettings settings;
  private final StructType inputs;
  private final List<Output> outputs;
  private final DriftCounts counts = new DriftCounts();
  private final Probe probe = new Probe(counts);
  private final Map<String, Watched> known = new LinkedHashMap<>();
  private final Set<String> crossed = new LinkedHashSet<>();
  private @Nullable Current current;
  private List<Drift> drifts = List.of();
  private boolean again;

  private record Current(Probe.Seen seen, Watched watched, DriftWindow window) {}

  DriftMeter(
      SparkSession spark,
      String step,
      DriftSettings settings,
      StructType inputs,
      List<Output> outputs) {
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.step = step;
    this.settings = settings;
    this.inputs = inputs;
    this.outputs = outputs;
    spark.sparkContext().register(counts);
  }

  /** What counts in tasks. */
  Probe probe() {
    return probe;
  }

  /**
   * Gets ready to watch a version, on any thread.
   *
   * @throws IllegalArgumentException with a sentence, if it cannot be watched
   */
  void know(StoredModel stored) {
    Watched watched = Watching.of(stored, inputs, outputs, settings);
    synchronized (known) {
      known.put(stored.manifest().version(), watched);
      if (known.size() > MOST) {
        known.keySet().remove(known.keySet().iterator().next());
      }
    }
  }

  /**
   * A batch begins that sees a version.
   *
   * @param comesAgain whether it did before; its rows are not counted then, as they may have been
   */
  void begin(String version, Coming comesAgain) {
    again = comesAgain == Coming.AGAIN;
    counts.reset();
    Current before = current;
    if (before == null || !before.seen().version().equals(version)) {
      close();
      current = start(version).orElse(null);
      drifts = List.of();
      crossed.clear();
    }
  }

  /** How a batch comes. */
  enum Coming {
    ANEW,
    AGAIN
  }

  private Optional<Current> start(String version) {
    Watched watched;
    synchronized (known) {
      watched = known.remove(version);
      if (watched == null) {
        LOG.warn("Drift in step {} is not measured for version {}, loaded long ago", step, version);
        return Optional.empty();
      }
      known.put(version, watched);
    }
    Probe.Seen seen = new Probe.Seen(version, context.broadcast(watched));
    probe.see(seen);
    return Optional.of(
        new Current(seen, watched, new DriftWindow(settings.over(), watched.places())));
  }

  /**
   * Takes what the tasks of a batch counted.
   *
   * @throws IllegalStateException with a sentence, if the job is to stop for it
   */
  void done(long batch) {
    Current now = current;
    if (now == null || again) {
      return;
    }
    Watched watched = now.watched();
    long[] fresh = counts.batch(now.seen().version(), watched.places());
    counts.reset();
    now.window().add(fresh, watched.rows(fresh));
    if (now.window().rows() >= settings.least()) {
      drifts = watched.measured(now.window().sums());
      warn(now);
      stop(now, batch);
    }
  }

  private void warn(Current now) {
    List<Excess> above = Excess.of(drifts, settings.warned(), 1);
    for (Excess excess : above) {
      if (crossed.add(excess.name())) {
        LOG.warn("{}: {}", where(now), excess.clause());
      }
    }
    Set<String> still = new LinkedHashSet<>();
    Excess.of(drifts, settings.warned(), EASED).forEach(excess -> still.add(excess.name()));
    for (String name : Set.copyOf(crossed)) {
      if (!still.contains(name)) {
        crossed.remove(name);
        LOG.info("{}: {} is below its bound again", where(now), name);
      }
    }
  }

  private String where(Current now) {
    return "Drift in step %s since version %s of its model was trained, over the last %d rows"
        .formatted(step, now.seen().version(), now.window().rows());
  }

  private void stop(Current now, long batch) {
    List<Excess> above =
        settings.stop().map(bounds -> Excess.of(drifts, bounds, 1)).orElse(List.of());
    if (!above.isEmpty()) {
      throw new IllegalStateException(
          "Cannot go on: "
              + where(now)
              + ": "
              + above.get(0).clause()
              + (above.size() > 1 ? ", and " + (above.size() - 1) + " more figures are above" : "")
              + ". Batch "
              + batch
              + " is delivered. Train the model again or promote another version, or raise the"
              + " bound under stop; a start counts from nothing");
    }
  }

  /** What is above a bound of warnings, a few words each. */
  List<String> warnings() {
    return Excess.of(drifts, settings.warned(), EASED).stream()
        .filter(excess -> crossed.contains(excess.name()))
        .map(Excess::brief)
        .toList();
  }

  /** Gives up what tasks were sent. */
  @Override
  public void close() {
    Current last = current;
    current = null;
    probe.see(null);
    if (last != null) {
      last.seen().watched().destroy();
    }
  }

  /** All figures, once there are rows enough, and how many rows they are over. */
  Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    Current now = current;
    figures.put("drift.rows", now == null ? 0.0 : (double) now.window().rows());
    for (Drift drift : drifts) {
      for (DriftFigure figure : DriftFigure.values()) {
        OptionalDouble value = figure.of(drift);
        if (value.isPresent()) {
          figures.put(figure.word() + "." + drift.column(), value.getAsDouble());
        }
      }
    }
    return figures;
  }
}
