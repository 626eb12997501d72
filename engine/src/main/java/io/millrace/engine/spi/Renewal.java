package io.millrace.engine.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A {@link Renewed} step in one query. All of a batch sees one version of its parts, and a batch
 * that comes again sees the version that it saw first.
 */
public interface Renewal extends AutoCloseable {
  /**
   * The local property by which the tasks of a batch know the version that it sees.
   *
   * @param step the name of the step
   */
  static String property(String step) {
    return "millrace.version." + step;
  }

  /** The rows behind the step. A query may ask several times. */
  Dataset<Row> apply(Dataset<Row> rows);

  /**
   * The version for a batch that nobody has begun before, ready for its tasks: the newest that is
   * ready, so that no batch waits for one that is being made.
   */
  String renew();

  /**
   * Makes the version ready that a batch saw when it came first.
   *
   * @throws RuntimeException if it is there no longer
   */
  void recall(String version);

  /**
   * Looks at what the tasks of a batch have told, once all sinks have it.
   *
   * @throws RuntimeException if the job is to stop for it
   */
  default void done(long batch) {}

  /** Why the newest version does not take over; empty while it does. */
  default Optional<String> failing() {
    return Optional.empty();
  }

  /** What somebody should look at, a few words each, such as {@code drift of amount psi 0.31}. */
  default List<String> warnings() {
    return List.of();
  }

  /** Figures of the batches so far, by names such as {@code psi.amount}. */
  default Map<String, Double> figures() {
    return Map.of();
  }

  @Override
  void close();
}
