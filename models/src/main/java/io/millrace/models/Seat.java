package io.millrace.models;

import io.millrace.engine.spi.Causes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model in one query: the version that new batches see, and a newer one on its way, which takes
 * over once it is loaded and checked. One that cannot be loaded never does.
 */
final class Seat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Seat.class);

  /** How long after a failure the same version is tried again. */
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final SparkSession spark;
  private final String folder;
  private final Function<StoredModel, Scorable> loading;
  private final Clock clock;
  private final Resident resident = new Resident();
  private final ExecutorService loader = Executors.newSingleThreadExecutor(Seat::thread);
  private String chosen;
  private @Nullable Coming coming;
  private @Nullable Failed failed;

  private record Coming(String version, Future<Scorable> model) {}

  private record Failed(String version, String reason, Instant time) {}

  /**
   * A model whose first version is there.
   *
   * @param folder of the model's versions
   * @param loading loads and checks a version
   */
  Seat(
      SparkSession spark,
      String folder,
      Scorable first,
      Function<StoredModel, Scorable> loading,
      Clock clock) {
    this.spark = spark;
    this.folder = folder;
    this.loading = loading;
    this.clock = clock;
    this.chosen = first.version();
    resident.add(spark, first, first.version());
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "model-loader");
    thread.setDaemon(true);
    return thread;
  }

  /** What tasks can score with. */
  Resident resident() {
    return resident;
  }

  /** The version that new batches see. */
  String chosen() {
    return chosen;
  }

  /** Lets the newest version take over if it is ready, and else sees to it that it will be. */
  void follow() {
    try {
      List<String> inUse = ModelStore.at(folder).inUse();
      String newest = inUse.isEmpty() ? chosen : inUse.get(0);
      arrive(inUse);
      if (newest.equals(chosen)) {
        failed = null;
      } else if (resident.has(newest)) {
        choose(newest);
      } else {
        come(newest);
      }
    } catch (RuntimeException e) {
      fail("the newest version", e);
    }
  }

  private void choose(String version) {
    LOG.info("Version {} of the model at {} takes over from {}", version, folder, chosen);
    chosen = version;
    failed = null;
  }

  /**
   * Takes over what is loaded, also where a newer one is there by now: versions may come faster
   * than they are loaded. One that was in use and is no more was taken back.
   */
  private void arrive(List<String> inUse) {
    Coming known = coming;
    if (known != null && known.model().isDone()) {
      coming = null;
      if (inUse.contains(known.version())) {
        take(known);
      }
    }
  }

  private void come(String version) {
    if (coming == null && due(version)) {
      coming =
          new Coming(
              version, loader.submit(() -> loading.apply(ModelStore.at(folder).version(version))));
    }
  }

  private boolean due(String version) {
    Failed last = failed;
    return last == null
        || !last.version().equals(version)
        || clock.instant().isAfter(last.time().plus(AGAIN));
  }

  private void take(Coming ready) {
    try {
      resident.add(spark, ready.model().get(), chosen);
      choose(ready.version());
    } catch (ExecutionException e) {
      fail(ready.version(), e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a version of a model was taken over", e);
    }
  }

  private void fail(String version, Throwable failure) {
    String reason = Causes.clause(failure);
    if (failed == null || !failed.reason().equals(reason)) {
      LOG.warn(
          "Version {} of the model at {} does not take over: {}. Version {} goes on",
          version,
          folder,
          reason,
          chosen);
    }
    failed = new Failed(version, reason, clock.instant());
  }

  /** Why the newest version does not take over. */
  Optional<String> failing() {
    return Optional.ofNullable(failed).map(Failed::reason);
  }

  /**
   * Has a version ready that a batch saw before.
   *
   * @throws IllegalStateException if it is there no longer
   */
  void recall(String version) {
    if (resident.has(version)) {
      return;
    }
    try {
      resident.add(spark, loading.apply(ModelStore.at(folder).version(version)), chosen);
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "Cannot score a batch that comes again with version "
              + version
              + " of the model at "
              + folder
              + ", which scored it first: "
              + Causes.clause(e)
              + ". Put the version back",
          e);
    }
  }

  @Override
  public void close() {
    loader.shutdownNow();
    resident.clear();
  }
}
