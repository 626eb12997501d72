package io.millrace.engine.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The driver's side of a row sink, from the start of a query to its stop. */
public non-sealed interface Fence<R extends Receipt> extends Fencing, AutoCloseable {
  /** Called before the tasks of a batch start. */
  void begin(long batch);

  /** Told before the commit of a batch, for a sink that keeps it beside the batch's number. */
  default void note(Origin origin) {}

  /**
   * Told before the commit of a batch: a fence of a sink that leaves out rows asks it where these
   * came from before it keeps them.
   */
  default void trace(Tracing tracing) {}

  /** The writers of this start; empty where those of the sink need not know which start it is. */
  default Optional<Writers<R>> writers() {
    return Optional.empty();
  }

  /** Makes the batch visible together with its number, empty or not. */
  void commit(long batch, List<R> receipts);

  /**
   * Whether tasks only count the rows of a batch, which then {@link #gather} makes visible in place
   * of {@link #commit}.
   */
  default boolean gathers() {
    return false;
  }

  /**
   * Lets the rows of a batch pass through one task that makes them visible together with its
   * number. A batch that is there is not written again.
   */
  default R gather(long batch, OneTask<R> rows) {
    throw new UnsupportedOperationException("Rows of batch " + batch + " are written by tasks");
  }

  /**
   * Rows that a visible batch left out and nobody has {@link #forwarded} yet. Where a job drops
   * them, only the fence that has just committed the batch knows them.
   */
  default List<Reject> rejects(long batch) {
    return List.of();
  }

  /**
   * Rows of a batch that this fence has just committed which changed nothing: the sink leaves what
   * it has under their keys.
   */
  default long existing(long batch) {
    return 0;
  }

  /**
   * How long the tasks and the driver waited for connections of a pool, added up, in a batch that
   * this fence has just committed; empty where it does not know, or there is no pool.
   */
  default Optional<Duration> waited(long batch) {
    return Optional.empty();
  }

  /** Notes that the rejects of a batch are where dead letters go. */
  default void forwarded(long batch) {}

  /** Gives up what {@link #begin} and the tasks did; the batch comes again. */
  void abort(long batch);

  @Override
  void close();

  /** The fence of a sink that remembers no batch: what comes again is written again. */
  static <R extends Receipt> Fence<R> forgetful() {
    return new Fence<>() {
      @Override
      public long last() {
        return -1;
      }

      @Override
      public void begin(long batch) {}

      @Override
      public void commit(long batch, List<R> receipts) {}

      @Override
      public void abort(long batch) {}

      @Override
      public void close() {}
    };
  }
}
