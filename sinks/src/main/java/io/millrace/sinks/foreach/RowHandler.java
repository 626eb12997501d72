package io.millrace.sinks.foreach;

import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A user's sink, row by row. Each task of a batch makes its own with the public constructor without
 * arguments; it is used by one thread. A batch that comes again comes with the same number.
 */
public interface RowHandler {
  /** Called once, before any row. */
  default void open(Task task) throws Exception {}

  /** Called for each row. What it throws fails the task, and the batch comes again. */
  void process(Row row) throws Exception;

  /**
   * Called once, at the end. What it throws fails the task too.
   *
   * @param failure why the task ends early; null if all rows were processed
   */
  default void close(@Nullable Throwable failure) throws Exception {}
}
