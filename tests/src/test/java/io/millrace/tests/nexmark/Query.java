package io.millrace.tests.nexmark;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A query: {@code conf/nexmark/<name>.yaml}, and what it has to give. */
enum Query {
  Q0,
  Q1,
  Q2,
  Q3,
  Q4,
  Q5,
  Q6,
  Q7,
  Q8,
  Q9,
  Q10,
  Q11,
  Q12,
  Q13,
  Q14,
  Q15,
  Q16,
  Q17,
  Q18,
  Q19,
  Q20,
  Q21,
  Q22,
  Q23;

  /** Its name in the job language, such as q7. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The queries of these names, all where there are none.
   *
   * @throws IllegalArgumentException if one is not known
   */
  static List<Query> of(List<String> words) {
    List<String> known = Arrays.stream(values()).map(Query::word).toList();
    words.stream()
        .filter(word -> !known.contains(word))
        .findFirst()
        .ifPresent(
            word -> {
              throw new IllegalArgumentException(
                  "Unknown query '%s'. There are q0 to q23".formatted(word));
            });
    return Arrays.stream(values())
        .filter(query -> words.isEmpty() || words.contains(query.word()))
        .collect(Collectors.toList());
  }

  /** Whether one part of its job reads the topic that another part writes. */
  boolean inTwoParts() {
    return this == Q4 || this == Q6;
  }

  /** What it gives that has to do with the clock on the wall, and not with the events alone. */
  boolean readsTheClock() {
    return this == Q12;
  }

  /**
   * Its final rows.
   *
   * @param read when each bid was read, in milliseconds, by its number; for a query that reads the
   *     clock
   */
  Stream<List<Object>> rows(Events events, Map<Long, Long> read) {
    return switch (this) {
      case Q0 -> BidOracle.q0(events);
      case Q1 -> BidOracle.q1(events);
      case Q2 -> BidOracle.q2(events);
      case Q3 -> AuctionOracle.q3(events);
      case Q4 -> AuctionOracle.q4(events);
      case Q5 -> BidOracle.q5(events);
      case Q6 -> AuctionOracle.q6(events);
      case Q7 -> BidOracle.q7(events);
      case Q8 -> AuctionOracle.q8(events);
      case Q9 -> AuctionOracle.q9(events);
      case Q10 -> BidOracle.q10(events);
      case Q11 -> BidOracle.q11(events);
      case Q12 -> BidOracle.q12(events, read);
      case Q13 -> BidOracle.q13(events);
      case Q14 -> BidOracle.q14(events);
      case Q15 -> BidStatistics.q15(events);
      case Q16 -> BidStatistics.q16(events);
      case Q17 -> BidStatistics.q17(events);
      case Q18 -> BidOracle.q18(events);
      case Q19 -> BidOracle.q19(events);
      case Q20 -> AuctionOracle.q20(events);
      case Q21 -> BidOracle.q21(events);
      case Q22 -> BidOracle.q22(events);
      case Q23 -> AuctionOracle.q23(events);
    };
  }
}
