package io.millrace.tests.nexmark;

import io.millrace.tests.nexmark.Events.Bid;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the queries over bids alone give. Times are instants. */
final class BidOracle {
  private static final long WINDOW = 10_000;
  private static final long HOP = 2_000;
  private static final BigDecimal EURO = new BigDecimal("0.908");
  private static final BigDecimal LEAST = new BigDecimal(1_000_000);
  private static final BigDecimal MOST = new BigDecimal(50_000_000);
  private static final Pattern CHANNEL = Pattern.compile("(&|^)channel_id=([^&]*)");
  private static final List<String> KNOWN = List.of("apple", "google", "facebook", "baidu");
  private static final int SIDE_KEYS = 100;
  private static final int TOP = 10;

  /** The higher price first, of equal ones the earlier event. */
  private static final Comparator<Bid> BY_PRICE =
      Comparator.comparingLong(Bid::price).reversed().thenComparingLong(Bid::number);

  private BidOracle() {}

  static Stream<List<Object>> q0(Events events) {
    return events.bids().map(bid -> plain(bid, bid.price()));
  }

  static Stream<List<Object>> q1(Events events) {
    return events.bids().map(bid -> plain(bid, euros(bid)));
  }

  private static List<Object> plain(Bid bid, Object price) {
    return List.of(bid.auction(), bid.bidder(), price, time(bid), bid.extra());
  }

  private static BigDecimal euros(Bid bid) {
    return EURO.multiply(BigDecimal.valueOf(bid.price()));
  }

  private static Instant time(Bid bid) {
    return Instant.ofEpochMilli(bid.dateTime());
  }

  static Stream<List<Object>> q2(Events events) {
    return events
        .bids()
        .filter(bid -> bid.auction() % 123 == 0)
        .map(bid -> List.of(bid.auction(), bid.price()));
  }

  static Stream<List<Object>> q5(Events events) {
    Map<Long, Map<Long, Long>> counts = new TreeMap<>();
    events
        .bids()
        .forEach(
            bid -> {
              long last = Math.floorDiv(bid.dateTime(), HOP) * HOP;
              for (long start = last; start > bid.dateTime() - WINDOW; start -= HOP) {
                counts
                    .computeIfAbsent(start, at -> new HashMap<>())
                    .merge(bid.auction(), 1L, Long::sum);
              }
            });
    return counts.entrySet().stream()
        .flatMap(
            window -> {
              long most = window.getValue().values().stream().max(Long::compare).orElseThrow();
              return window.getValue().entrySet().stream()
                  .filter(auction -> auction.getValue() == most)
                  .map(auction -> List.of(instant(window.getKey()), auction.getKey(), most));
            });
  }

  private static Instant instant(long millis) {
    return Instant.ofEpochMilli(millis);
  }

  static Stream<List<Object>> q7(Events events) {
    Map<Long, List<Bid>> highest = new HashMap<>();
    events
        .bids()
        .forEach(
            bid -> {
              List<Bid> best =
                  highest.computeIfAbsent(
                      Math.floorDiv(bid.dateTime(), WINDOW), at -> new ArrayList<>());
              if (!best.isEmpty() && best.get(0).price() < bid.price()) {
                best.clear();
              }
              if (best.isEmpty() || best.get(0).price() == bid.price()) {
                best.add(bid);
              }
            });
    return highest.values().stream()
        .flatMap(List::stream)
        .map(bid -> List.of(bid.auction(), bid.price(), bid.bidder(), time(bid), bid.extra()));
  }

  static Stream<List<Object>> q10(Events events) {
    return events
        .bids()
        .map(
            bid -> {
              String time = time(bid).toString();
              return List.of(
                  bid.auction(),
                  bid.bidder(),
                  bid.price(),
                  time(bid),
                  bid.extra(),
                  time.substring(0, 10),
                  time.substring(11, 16).replace(':', '-'));
            });
  }

  static Stream<List<Object>> q11(Events events) {
    return by(events, Bid::bidder).entrySet().stream()
        .flatMap(
            bidder -> {
              long[] times = bidder.getValue().stream().mapToLong(Bid::dateTime).sorted().toArray();
              List<List<Object>> sessions = new ArrayList<>();
              int first = 0;
              for (int at = 1; at <= times.length; at++) {
                if (at == times.length || times[at] - times[at - 1] > WINDOW) {
                  sessions.add(
                      List.of(
                          instant(times[first]),
                          instant(times[at - 1] + WINDOW),
                          bidder.getKey(),
                          (long) (at - first)));
                  first = at;
                }
              }
              return sessions.stream();
            });
  }

  private static Map<Long, List<Bid>> by(Events events, Function<Bid, Long> key) {
    return events.bids().collect(Collectors.groupingBy(key));
  }

  /**
   * The windows of the clock on the wall.
   *
   * @param read when each bid was, in milliseconds, as the job's own log tells it
   */
  static Stream<List<Object>> q12(Events events, Map<Long, Long> read) {
    Map<List<Long>, Long> counts = new HashMap<>();
    events
        .bids()
        .forEach(
            bid -> {
              long at = Objects.requireNonNull(read.get(bid.number()));
              counts.merge(List.of(at / WINDOW * WINDOW, bid.bidder()), 1L, Long::sum);
            });
    return counts.entrySet().stream()
        .map(
            window ->
                List.of(
                    instant(window.getKey().get(0)),
                    instant(window.getKey().get(0) + WINDOW),
                    window.getKey().get(1),
                    window.getValue()));
  }

  static Stream<List<Object>> q13(Events events) {
    return events
        .bids()
        .map(
            bid -> {
              long key = bid.auction() % SIDE_KEYS;
              return List.of(
                  bid.auction(), bid.bidder(), bid.price(), time(bid), "side " + key * key % 97);
            });
  }

  static Stream<List<Object>> q14(Events events) {
    return events
        .bids()
        .filter(bid -> euros(bid).compareTo(LEAST) > 0 && euros(bid).compareTo(MOST) < 0)
        .map(
            bid ->
                List.of(
                    bid.auction(),
                    bid.bidder(),
                    euros(bid),
                    partOfDay(time(bid).atZone(ZoneOffset.UTC).getHour()),
                    time(bid),
                    bid.extra(),
                    bid.extra().chars().filter(letter -> letter == 'c').count()));
  }

  private static String partOfDay(int hour) {
    if (hour >= 8 && hour <= 18) {
      return "dayTime";
    }
    return hour <= 6 || hour >= 20 ? "nightTime" : "otherTime";
  }

  static Stream<List<Object>> q18(Events events) {
    Map<List<Long>, Bid> last = new HashMap<>();
    Comparator<Bid> order = Comparator.comparingLong(Bid::dateTime).thenComparingLong(Bid::number);
    events
        .bids()
        .forEach(
            bid ->
                last.merge(
                    List.of(bid.bidder(), bid.auction()),
                    bid,
                    (one, other) -> order.compare(one, other) < 0 ? other : one));
    return last.values().stream()
        .map(
            bid ->
                List.of(
                    bid.bidder(),
                    bid.auction(),
                    bid.price(),
                    bid.channel(),
                    bid.url(),
                    time(bid),
                    bid.extra()));
  }

  static Stream<List<Object>> q19(Events events) {
    return by(events, Bid::auction).values().stream()
        .flatMap(
            all -> {
              List<Bid> top = all.stream().sorted(BY_PRICE).limit(TOP).toList();
              return IntStream.range(0, top.size())
                  .mapToObj(
                      place -> {
                        Bid bid = top.get(place);
                        return List.of(
                            bid.auction(),
                            (long) (place + 1),
                            bid.price(),
                            bid.bidder(),
                            time(bid),
                            bid.extra());
                      });
            });
  }

  static Stream<List<Object>> q21(Events events) {
    return events
        .bids()
        .flatMap(
            bid -> {
              Matcher named = CHANNEL.matcher(bid.url());
              int known = KNOWN.indexOf(bid.channel().toLowerCase(Locale.ROOT));
              String id = known >= 0 ? "" + known : named.find() ? named.group(2) : "";
              return id.isEmpty()
                  ? Stream.empty()
                  : Stream.of(List.of(bid.auction(), bid.bidder(), bid.price(), bid.channel(), id));
            });
  }

  static Stream<List<Object>> q22(Events events) {
    return events
        .bids()
        .map(
            bid -> {
              String[] parts = bid.url().split("/", -1);
              return List.of(
                  bid.auction(),
                  bid.bidder(),
                  bid.price(),
                  bid.channel(),
                  parts[3],
                  parts[4],
                  parts[5]);
            });
  }
}
