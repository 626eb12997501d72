package io.millrace.engine.spi;

/**
 * The rows of a batch for one sink, ready to pass through one task on any JVM of the job: those of
 * a partition in their order, one partition after another. Spark may try the task several times,
 * and two tries can be at work at once.
 */
@FunctionalInterface
public interface OneTask<R extends Receipt> {
  /** Runs the task, and returns the receipt of the try that counts. */
  R run(Writers<R> writers);
}
