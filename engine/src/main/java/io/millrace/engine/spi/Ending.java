package io.millrace.engine.spi;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Queries in real time that are to end the batch which they read, so that it is noted how far they
 * came. It is known to tasks that share the JVM of the driver; others read on until their batch
 * ends by the clock.
 */
public final class Ending {
  private static final Set<String> QUERIES = ConcurrentHashMap.newKeySet();

  private Ending() {}

  /** Lets the tasks of a query end. */
  public static void ask(String queryId) {
    QUERIES.add(queryId);
  }

  /** Lets a query of that id read again. */
  public static void forget(String queryId) {
    QUERIES.remove(queryId);
  }

  /** Whether a task of the query is to end. */
  public static boolean asked(String queryId) {
    return QUERIES.contains(queryId);
  }
}
