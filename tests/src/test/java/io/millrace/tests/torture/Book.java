package io.millrace.tests.torture;

/** What one sink remembers of its batches, kept at some moments and put back later. */
interface Book extends AutoCloseable {
  /** Keeps it as it is now, under a name. */
  void keep(String name);

  /** Makes the sink remember what it did then. */
  void putBack(String name);

  /** Makes it forget everything. */
  void drop();

  @Override
  default void close() {}
}
