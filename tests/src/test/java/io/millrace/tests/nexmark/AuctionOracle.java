package io.millrace.tests.nexmark;

import io.millrace.tests.nexmark.Events.Auction;
import io.millrace.tests.nexmark.Events.Bid;
import io.millrace.tests.nexmark.Events.Person;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the queries give that join streams. Times are instants. */
final class AuctionOracle {
  private static final long WINDOW = 10_000;
  private static final long CATEGORY = 10;
  private static final Set<String> NEAR = Set.of("or", "id", "ca");
  private static final int LAST = 10;

  /** The better bid comes first. */
  private static final Comparator<Bid> BEST =
      Comparator.comparingLong(Bid::price)
          .reversed()
          .thenComparingLong(Bid::dateTime)
          .thenComparingLong(Bid::number);

  private AuctionOracle() {}

  /** An auction that is over, and the bid that won it. */
  private record Won(Auction auction, Bid bid) {}

  private static Stream<Won> won(Events events) {
    Map<Long, Auction> auctions = auctions(events);
    Map<Long, Bid> best = new HashMap<>();
    events
        .bids()
        .filter(bid -> valid(auctions.get(bid.auction()), bid))
        .forEach(
            bid ->
                best.merge(
                    bid.auction(),
                    bid,
                    (one, other) -> BEST.compare(one, other) < 0 ? one : other));
    return best.values().stream()
        .map(bid -> new Won(Objects.requireNonNull(auctions.get(bid.auction())), bid));
  }

  private static boolean valid(@Nullable Auction auction, Bid bid) {
    return auction != null
        && bid.dateTime() >= auction.dateTime()
        && bid.dateTime() <= auction.expires();
  }

  private static Map<Long, Auction> auctions(Events events) {
    return events.auctions().collect(Collectors.toMap(Auction::id, Function.identity()));
  }

  private static Map<Long, Person> persons(Events events) {
    return events.persons().collect(Collectors.toMap(Person::id, Function.identity()));
  }

  private static Instant instant(long millis) {
    return Instant.ofEpochMilli(millis);
  }

  static Stream<List<Object>> q3(Events events) {
    Map<Long, Person> persons = persons(events);
    return events
        .auctions()
        .filter(auction -> auction.category() == CATEGORY)
        .flatMap(
            auction -> {
              Person seller = persons.get(auction.seller());
              return seller == null || !NEAR.contains(seller.state())
                  ? Stream.empty()
                  : Stream.of(List.of(seller.name(), seller.city(), seller.state(), auction.id()));
            });
  }

  static Stream<List<Object>> q4(Events events) {
    return won(events)
        .collect(
            Collectors.groupingBy(
                won -> won.auction().category(),
                Collectors.averagingLong(won -> won.bid().price())))
        .entrySet()
        .stream()
        .map(category -> List.of(category.getKey(), category.getValue()));
  }

  static Stream<List<Object>> q6(Events events) {
    Comparator<Won> latest =
        Comparator.<Won>comparingLong(won -> won.auction().expires())
            .thenComparingLong(won -> won.auction().id())
            .reversed();
    return won(events)
        .collect(Collectors.groupingBy(won -> won.auction().seller()))
        .entrySet()
        .stream()
        .map(
            seller ->
                List.of(
                    seller.getKey(),
                    seller.getValue().stream()
                        .sorted(latest)
                        .limit(LAST)
                        .mapToLong(won -> won.bid().price())
                        .average()
                        .orElseThrow()));
  }

  static Stream<List<Object>> q8(Events events) {
    Set<List<Long>> sellers = new HashSet<>();
    events
        .auctions()
        .forEach(auction -> sellers.add(List.of(auction.seller(), window(auction.dateTime()))));
    return events
        .persons()
        .filter(person -> sellers.contains(List.of(person.id(), window(person.dateTime()))))
        .map(person -> List.of(person.id(), person.name(), instant(window(person.dateTime()))));
  }

  private static long window(long millis) {
    return Math.floorDiv(millis, WINDOW) * WINDOW;
  }

  static Stream<List<Object>> q9(Events events) {
    return won(events)
        .map(
            won ->
                together(
                    List.of(
                        List.of(won.auction().id()),
                        columns(won.auction()),
                        List.of(
                            won.bid().bidder(),
                            won.bid().price(),
                            instant(won.bid().dateTime()),
                            won.bid().extra()))));
  }

  private static List<Object> columns(Auction auction) {
    return List.of(
        auction.itemName(),
        auction.description(),
        auction.initialBid(),
        auction.reserve(),
        instant(auction.dateTime()),
        instant(auction.expires()),
        auction.seller(),
        auction.category(),
        auction.extra());
  }

  private static List<Object> together(List<List<Object>> parts) {
    return parts.stream().flatMap(List::stream).toList();
  }

  static Stream<List<Object>> q20(Events events) {
    Map<Long, Auction> auctions = auctions(events);
    return events
        .bids()
        .flatMap(
            bid -> {
              Auction auction = auctions.get(bid.auction());
              return auction == null || auction.category() != CATEGORY
                  ? Stream.empty()
                  : Stream.of(expanded(bid, auction));
            });
  }

  private static List<Object> expanded(Bid bid, Auction auction) {
    List<Object> own =
        List.of(
            bid.auction(),
            bid.bidder(),
            bid.price(),
            bid.channel(),
            bid.url(),
            instant(bid.dateTime()),
            bid.extra());
    return together(List.of(own, columns(auction)));
  }

  static Stream<List<Object>> q23(Events events) {
    Map<Long, Auction> auctions = auctions(events);
    Map<Long, Person> persons = persons(events);
    return events
        .bids()
        .flatMap(
            bid -> {
              Auction auction = auctions.get(bid.auction());
              Person bidder = persons.get(bid.bidder());
              return auction == null || bidder == null
                  ? Stream.empty()
                  : Stream.of(
                      List.of(
                          bid.auction(),
                          bid.bidder(),
                          bid.price(),
                          instant(bid.dateTime()),
                          bidder.name(),
                          bidder.city(),
                          bidder.state(),
                          auction.itemName(),
                          auction.category()));
            });
  }
}
