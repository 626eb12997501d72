package io.millrace.engine.spi;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a task stands in the one partition that it reads in real time. The reader moves it; a
 * writer of the same task looks at it, and may end the reading.
 */
public final class Cursor {
  private static final Map<Long, Cursor> OF_TASKS = new ConcurrentHashMap<>();

  private final String topic;
  private final int partition;
  private volatile long next;
  private volatile @Nullable RuntimeException failure;

  private Cursor(String topic, int partition, long next) {
    this.topic = topic;
    this.partition = partition;
    this.next = next;
  }

  /**
   * A cursor of a task that begins to read.
   *
   * @param attempt the number of the task's attempt, which Spark never uses twice
   */
  public static Cursor open(long attempt, String topic, int partition, long next) {
    Cursor cursor = new Cursor(topic, partition, next);
    OF_TASKS.put(attempt, cursor);
    return cursor;
  }

  /** Ends with the task. */
  public static void close(long attempt) {
    OF_TASKS.remove(attempt);
  }

  /** The cursor of a task; null as long as it has not begun to read. */
  public static @Nullable Cursor of(long attempt) {
    return OF_TASKS.get(attempt);
  }

  public String topic() {
    return topic;
  }

  public int partition() {
    return partition;
  }

  /**
   * The offset behind all records whose rows the writers have. While a record's rows are handed on,
   * it is that record's own.
   */
  public long next() {
    return next;
  }

  /** The reader looks for another record, or ends; all before it is handed on. */
  public void moveTo(long offset) {
    next = offset;
  }

  /** Ends the reading soon, also where no record comes. */
  public void end(RuntimeException why) {
    failure = why;
  }

  /** Fails with what a writer failed with, if one did. */
  public void failIfEnded() {
    RuntimeException why = failure;
    if (why != null) {
      throw why;
    }
  }
}
