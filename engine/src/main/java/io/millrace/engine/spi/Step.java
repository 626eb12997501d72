package io.millrace.engine.spi;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/** Anything between a source and a sink. */
public sealed interface Step extends Serializable permits Transform, Combine, Planned {
  /** Whether it keeps rows or keys from one batch to the next. */
  default boolean stateful() {
    return false;
  }

  /** The step under the name that the job gives it, which its dead letters carry. */
  default Step named(String name) {
    return this;
  }

  /** Whether it may tag rows as dead letters in {@link Columns#DEAD}. */
  default boolean tags() {
    return false;
  }

  /**
   * Whether it passes every dead letter on untouched, so that rows behind it can still be told
   * apart. A step that answers no never sees a dead letter.
   */
  default boolean keepsDead() {
    return false;
  }

  /**
   * The column that tells when a result is complete, the end of its window. A run over a table
   * keeps back results that the watermark has not closed.
   *
   * @param rows what comes to it, analysed
   */
  default Optional<String> closesAt(LogicalPlan rows) {
    return Optional.empty();
  }

  /**
   * Why rows that came through one task may leave it in another order or through several tasks;
   * empty if each task hands its rows on as they come.
   */
  default Optional<String> disorder() {
    return Optional.of("it may shuffle rows");
  }

  /** What it does to the number of rows. */
  default Effect effect() {
    return Effect.FREE;
  }

  /** Whether it gives rows a time, and a watermark, of its own, as processing time is. */
  default boolean ownTime() {
    return false;
  }

  /**
   * Whether it keeps state and yet takes rows behind the watermark as any others: none is late for
   * it, and one that it hands on may be for the next step.
   */
  default boolean takesLate() {
    return false;
  }

  /** What becomes of rows behind the watermark that it sets; empty if it sets none. */
  default Optional<Late> late() {
    return Optional.empty();
  }

  /**
   * What it takes from one batch to the next in a job that runs as DStreams; empty if it cannot, or
   * keeps nothing.
   *
   * @throws IllegalArgumentException with a sentence, if its settings are in the way
   */
  default Optional<Carried> carried() {
    return Optional.empty();
  }

  /** How a query calls the stream beside an input that moves its watermark while it is silent. */
  String HEARTBEATS = "heartbeats of ";

  /** The watermark that it sets, as a person reads it; empty if it sets none. */
  default Optional<String> watermark() {
    return Optional.empty();
  }

  /** What a reader of the plan should know of it, a line each; needs no Spark session. */
  default List<String> told() {
    return List.of();
  }

  /** How long rows wait in it for others to come, a line for each input; empty if none does. */
  default List<String> waits() {
    return List.of();
  }

  /**
   * What it keeps of a stream, as far as its settings tell; empty if it keeps nothing or they do
   * not.
   */
  default List<Keeping> keeping() {
    return List.of();
  }

  /** How far behind the latest event time the watermark that it sets is; empty if it sets none. */
  default Optional<Duration> delay() {
    return Optional.empty();
  }

  /**
   * How long its input may be silent before the watermark that it sets holds no other one back;
   * empty if that is for ever.
   */
  default Optional<Duration> idle() {
    return Optional.empty();
  }

  /** Whether the job accepts that what it keeps may grow without bound. */
  default boolean unbounded() {
    return false;
  }

  /** Why it may give other rows when a batch comes again; empty if it gives the same. */
  default Optional<String> varies() {
    return Optional.empty();
  }
}
