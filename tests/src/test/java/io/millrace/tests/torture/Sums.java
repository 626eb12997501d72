package io.millrace.tests.torture;

/** What a sink holds in three numbers, which one row more, less or other disturbs. */
record Sums(long rows, long first, long second) {
  static final Sums NONE = new Sums(0, 0, 0);

  Sums plus(Entry entry) {
    return new Sums(rows + 1, first + entry.first(), second + entry.second());
  }
}
