package io.millrace.tests.nexmark;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Rows in no order, each as often as it comes. Only what tells a row from another is kept of each,
 * so that millions fit.
 */
final class Bag {
  private static final int SHOWN = 3;

  private final long[] marks;

  private Bag(long[] marks) {
    this.marks = marks;
  }

  /** Rows, one after the other; they can be gone through again. */
  @FunctionalInterface
  interface Rows {
    void forEach(Consumer<List<Object>> taker) throws SQLException;
  }

  static Bag of(Rows rows) throws SQLException {
    LongStream.Builder marks = LongStream.builder();
    rows.forEach(row -> marks.add(mark(text(row))));
    return new Bag(marks.build().sorted().toArray());
  }

  long size() {
    return marks.length;
  }

  /** A row as it is compared: numbers and times that are equal read alike. */
  static String text(List<Object> row) {
    return row.stream().map(Bag::text).collect(Collectors.joining(" | "));
  }

  private static String text(Object value) {
    if (value instanceof BigDecimal number) {
      return number.stripTrailingZeros().toPlainString();
    }
    return value instanceof Instant time ? Long.toString(time.toEpochMilli()) : value.toString();
  }

  /** FNV-1a, mixed once more. */
  private static long mark(String text) {
    long mark = 0xCBF29CE484222325L;
    for (int at = 0; at < text.length(); at++) {
      mark = (mark ^ text.charAt(at)) * 0x100000001B3L;
    }
    mark = (mark ^ (mark >>> 30)) * 0xBF58476D1CE4E5B9L;
    return mark ^ (mark >>> 27);
  }

  /**
   * In what it differs from another, in a sentence; empty if in nothing.
   *
   * @param own its rows once more, to show some of them
   * @param others those of the other
   */
  String difference(Bag expected, Rows own, Rows others) throws SQLException {
    if (Arrays.equals(marks, expected.marks)) {
      return "";
    }
    return "%,d rows in place of %,d; too many: %s; missing: %s"
        .formatted(
            size(),
            expected.size(),
            shown(without(expected), own),
            shown(expected.without(this), others));
  }

  /** What is here more often than there. */
  private long[] without(Bag other) {
    LongStream.Builder more = LongStream.builder();
    int there = 0;
    for (long mark : marks) {
      while (there < other.marks.length && other.marks[there] < mark) {
        there++;
      }
      if (there < other.marks.length && other.marks[there] == mark) {
        there++;
      } else {
        more.add(mark);
      }
    }
    return more.build().toArray();
  }

  private static String shown(long[] marks, Rows rows) throws SQLException {
    if (marks.length == 0) {
      return "none";
    }
    Set<Long> wanted =
        Arrays.stream(marks).limit(SHOWN).boxed().collect(Collectors.toCollection(HashSet::new));
    List<String> found = new ArrayList<>();
    rows.forEach(
        row -> {
          String text = text(row);
          if (wanted.remove(mark(text))) {
            found.add(text);
          }
        });
    return "%,d, such as %s".formatted(marks.length, found);
  }
}
