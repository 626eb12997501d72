package io.millrace.tests.nexmark;

import io.millrace.tests.nexmark.Events.Bid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the queries give that count and measure the bids of a day. */
final class BidStatistics {
  private static final long DAY = 24 * 3_600_000L;

  private BidStatistics() {}

  static Stream<List<Object>> q15(Events events) {
    return days(events, bid -> "").entrySet().stream()
        .map(day -> row(day, List.of(), day.getValue().counts(), day.getValue().different()));
  }

  static Stream<List<Object>> q16(Events events) {
    return days(events, Bid::channel).entrySet().stream()
        .map(
            day ->
                row(
                    day,
                    List.of(day.getKey().get(1), day.getValue().minute()),
                    day.getValue().counts(),
                    day.getValue().different()));
  }

  static Stream<List<Object>> q17(Events events) {
    return days(events, Bid::auction).entrySet().stream()
        .map(
            day ->
                row(
                    day,
                    List.of(day.getKey().get(1)),
                    day.getValue().counts(),
                    day.getValue().prices()));
  }

  private static Map<List<Object>, Statistics> days(Events events, Function<Bid, Object> by) {
    Map<List<Object>, Statistics> days = new HashMap<>();
    events
        .bids()
        .forEach(
            bid ->
                days.computeIfAbsent(
                        List.of(Math.floorDiv(bid.dateTime(), DAY) * DAY, by.apply(bid)),
                        key -> new Statistics())
                    .add(bid));
    return days;
  }

  @SafeVarargs
  private static List<Object> row(Map.Entry<List<Object>, Statistics> day, List<Object>... parts) {
    long start = (Long) day.getKey().get(0);
    List<Object> row =
        new ArrayList<>(List.of(Instant.ofEpochMilli(start), Instant.ofEpochMilli(start + DAY)));
    for (List<Object> part : parts) {
      row.addAll(part);
    }
    return row;
  }

  /** What bids come to. */
  private static final class Statistics {
    private static final long RANK_2 = 10_000;
    private static final long RANK_3 = 1_000_000;

    private final long[] bids = new long[4];
    private final List<Set<Long>> bidders = sets();
    private final List<Set<Long>> auctions = sets();
    private long lastMinute = Long.MIN_VALUE;
    private long least = Long.MAX_VALUE;
    private long highest = Long.MIN_VALUE;
    private long sum;

    private static List<Set<Long>> sets() {
      return IntStream.range(0, 4).<Set<Long>>mapToObj(at -> new HashSet<>()).toList();
    }

    void add(Bid bid) {
      int rank = bid.price() < RANK_2 ? 1 : bid.price() < RANK_3 ? 2 : 3;
      for (int at : new int[] {0, rank}) {
        bids[at]++;
        bidders.get(at).add(bid.bidder());
        auctions.get(at).add(bid.auction());
      }
      lastMinute = Math.max(lastMinute, bid.dateTime() / 60_000);
      least = Math.min(least, bid.price());
      highest = Math.max(highest, bid.price());
      sum += bid.price();
    }

    String minute() {
      return Instant.ofEpochMilli(lastMinute * 60_000).toString().substring(11, 16);
    }

    List<Object> counts() {
      return Arrays.stream(bids).<Object>mapToObj(count -> count).toList();
    }

    List<Object> different() {
      return Stream.concat(bidders.stream(), auctions.stream())
          .<Object>map(all -> (long) all.size())
          .toList();
    }

    List<Object> prices() {
      return List.of(least, highest, (double) sum / bids[0], sum);
    }
  }
}
