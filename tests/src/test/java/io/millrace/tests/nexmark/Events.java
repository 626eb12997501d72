package io.millrace.tests.nexmark;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The auction site of the Nexmark benchmark: of 50 events, one is a new person, three are new
 * auctions and 46 are bids. Each event is a function of the seed and its number alone, its time out
 * of order by less than {@link #OUT_OF_ORDER_MILLIS}. Half of the bids go to a hot auction, three
 * of four come from a hot bidder, three of four auctions are of a hot seller.
 *
 * @param count how many; numbers begin at 0
 * @param seed makes the same events again
 */
record Events(long count, long seed) implements Serializable {
  private static final long serialVersionUID = 1;

  /** 2026-01-01T05:30:00Z. */
  static final long START = 1_767_245_400_000L;

  /** 100 events a second, in event time. */
  static final long MILLIS_PER_EVENT = 10;

  static final long OUT_OF_ORDER_MILLIS = 2_000;

  /** The columns of a closing event that tell it from all others. */
  static final long NOBODY = -1;

  private static final long A_WEEK = 7 * 24 * 3_600_000L;
  private static final Duration A_DAY = Duration.ofDays(1);
  private static final int EPOCH = 50;
  private static final int PERSONS = 1;
  private static final int AUCTIONS = 3;
  private static final long FIRST_ID = 1_000;
  private static final int HOT = 100;
  private static final int ACTIVE_PERSONS = 1_000;
  private static final int OPEN_AUCTIONS = 100;
  private static final int CATEGORIES = 5;
  private static final int FIRST_CATEGORY = 10;
  private static final int CHANNELS = 10_000;
  private static final List<String> HOT_CHANNELS = List.of("Google", "Facebook", "Baidu", "Apple");
  private static final List<String> STATES = List.of("az", "ca", "id", "or", "wa", "wy");
  private static final List<String> CITIES =
      List.of(
          "phoenix",
          "los angeles",
          "san francisco",
          "boise",
          "portland",
          "bend",
          "redmond",
          "seattle",
          "kent",
          "cheyenne");
  private static final List<String> FIRST_NAMES =
      List.of("peter", "paul", "luke", "john", "saul", "vicky", "kate", "julie", "sarah", "deiter");
  private static final List<String> LAST_NAMES =
      List.of("shultz", "abrams", "spencer", "white", "bartels", "walton", "smith", "jones");

  /** The streams of the site, each of one kind of events. */
  enum Kind {
    PERSONS,
    AUCTIONS,
    BIDS;

    /** The stream that the event of a number belongs to. */
    static Kind of(long number) {
      long place = number % EPOCH;
      if (place < Events.PERSONS) {
        return PERSONS;
      }
      return place < Events.PERSONS + Events.AUCTIONS ? AUCTIONS : BIDS;
    }
  }

  /** One event. Times are in milliseconds since 1970. */
  sealed interface Event {
    long number();

    long dateTime();

    String json();
  }

  record Person(
      long number,
      long id,
      String name,
      String emailAddress,
      String creditCard,
      String city,
      String state,
      long dateTime,
      String extra)
      implements Event {
    @Override
    public String json() {
      return String.format(
          Locale.ROOT,
          "{\"number\":%d,\"id\":%d,\"name\":\"%s\",\"email_address\":\"%s\",\"credit_card\":\"%s\",\"city\":\"%s\",\"state\":\"%s\",\"date_time\":\"%s\",\"extra\":\"%s\"}",
          number,
          id,
          name,
          emailAddress,
          creditCard,
          city,
          state,
          text(dateTime),
          extra);
    }
  }

  record Auction(
      long number,
      long id,
      String itemName,
      String description,
      long initialBid,
      long reserve,
      long dateTime,
      long expires,
      long seller,
      long category,
      String extra)
      implements Event {
    @Override
    public String json() {
      return String.format(
          Locale.ROOT,
          "{\"number\":%d,\"id\":%d,\"item_name\":\"%s\",\"description\":\"%s\",\"initial_bid\":%d,\"reserve\":%d,\"date_time\":\"%s\",\"expires\":\"%s\",\"seller\":%d,\"category\":%d,\"extra\":\"%s\"}",
          number,
          id,
          itemName,
          description,
          initialBid,
          reserve,
          text(dateTime),
          text(expires),
          seller,
          category,
          extra);
    }
  }

  record Bid(
      long number,
      long auction,
      long bidder,
      long price,
      String channel,
      String url,
      long dateTime,
      String extra)
      implements Event {
    @Override
    public String json() {
      return String.format(
          Locale.ROOT,
          "{\"number\":%d,\"auction\":%d,\"bidder\":%d,\"price\":%d,\"channel\":\"%s\",\"url\":\"%s\",\"date_time\":\"%s\",\"extra\":\"%s\"}",
          number,
          auction,
          bidder,
          price,
          channel,
          url,
          text(dateTime),
          extra);
    }
  }

  private static String text(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /** All of them, in the order of their numbers. */
  Stream<Event> all() {
    return LongStream.range(0, count).mapToObj(this::at);
  }

  Stream<Person> persons() {
    return of(Person.class);
  }

  Stream<Auction> auctions() {
    return of(Auction.class);
  }

  Stream<Bid> bids() {
    return of(Bid.class);
  }

  private <E extends Event> Stream<E> of(Class<E> kind) {
    return all().filter(kind::isInstance).map(kind::cast);
  }

  /** The event of a number. */
  Event at(long number) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
    long time = START + number * MILLIS_PER_EVENT - random.nextLong(OUT_OF_ORDER_MILLIS);
    return switch (Kind.of(number)) {
      case PERSONS -> person(number, time, random);
      case AUCTIONS -> auction(number, time, random);
      case BIDS -> bid(number, time, random);
    };
  }

  /** The events of a stream from one number to before another; closing ones are the last three. */
  Stream<Event> of(Kind kind, long from, long until) {
    Event last =
        switch (kind) {
          case PERSONS -> closing().get(0);
          case AUCTIONS -> closing().get(1);
          case BIDS -> closing().get(2);
        };
    return Stream.concat(
        LongStream.range(from, Math.min(until, count))
            .filter(number -> Kind.of(number) == kind)
            .mapToObj(this::at),
        Stream.of(last).filter(event -> event.number() >= from && event.number() < until));
  }

  /**
   * The last event of each source, far behind all others, so that what waits for the watermark is
   * told. It belongs to nobody, and is no part of any result.
   */
  List<Event> closing() {
    long time = START + count * MILLIS_PER_EVENT + A_WEEK;
    return List.of(
        new Person(count, NOBODY, "", "", "", "", "", time, ""),
        new Auction(count + 1, NOBODY, "", "", 0, 0, time, time, NOBODY, NOBODY, ""),
        new Bid(count + 2, NOBODY, NOBODY, 0, "", "", time, ""));
  }

  /** Whether a row of a result is of a closing event: of nobody, or of that day. */
  boolean closes(List<Object> row) {
    Instant end = Instant.ofEpochMilli(closing().get(0).dateTime());
    return row.stream()
        .anyMatch(
            value ->
                value.equals(NOBODY)
                    || (value instanceof Instant time
                        && Duration.between(time, end).abs().compareTo(A_DAY) < 0));
  }

  private static Person person(long number, long time, SplittableRandom random) {
    String first = one(FIRST_NAMES, random);
    String last = one(LAST_NAMES, random);
    return new Person(
        number,
        lastPerson(number),
        first + " " + last,
        first + "." + last + "@" + letters(random, 7) + ".com",
        String.format(
            Locale.ROOT,
            "%04d %04d %04d %04d",
            random.nextInt(10_000),
            random.nextInt(10_000),
            random.nextInt(10_000),
            random.nextInt(10_000)),
        one(CITIES, random),
        one(STATES, random),
        time,
        letters(random, 40));
  }

  private static Auction auction(long number, long time, SplittableRandom random) {
    long initial = price(random);
    long open = OPEN_AUCTIONS * EPOCH / AUCTIONS * MILLIS_PER_EVENT;
    return new Auction(
        number,
        lastAuction(number),
        letters(random, 20),
        letters(random, 60),
        initial,
        initial + price(random),
        time,
        time + 1 + random.nextLong(2 * open),
        random.nextInt(4) > 0
            ? FIRST_ID + (lastPerson(number) - FIRST_ID) / HOT * HOT
            : recent(lastPerson(number), ACTIVE_PERSONS, random),
        FIRST_CATEGORY + random.nextInt(CATEGORIES),
        letters(random, 40));
  }

  private static Bid bid(long number, long time, SplittableRandom random) {
    long auction =
        random.nextBoolean()
            ? FIRST_ID + (lastAuction(number) - FIRST_ID) / HOT * HOT
            : recent(lastAuction(number), OPEN_AUCTIONS, random);
    long bidder =
        random.nextInt(4) > 0
            ? FIRST_ID + (lastPerson(number) - FIRST_ID) / HOT * HOT + 1
            : recent(lastPerson(number), ACTIVE_PERSONS, random);
    long price = price(random);
    boolean hot = random.nextBoolean();
    int channel = random.nextInt(CHANNELS);
    String url =
        "https://www.nexmark.com/%s/%s/%s/item.htm?query=1"
            .formatted(letters(random, 5), letters(random, 5), letters(random, 5));
    return new Bid(
        number,
        auction,
        bidder,
        price,
        hot ? one(HOT_CHANNELS, random) : "channel-" + channel,
        hot || random.nextInt(10) == 0 ? url : url + "&channel_id=" + Integer.reverse(channel),
        time,
        letters(random, 60));
  }

  /** The person who came last before or at a number. */
  private static long lastPerson(long number) {
    return FIRST_ID + number / EPOCH;
  }

  /** The auction that was opened last before or at a number; the first one if none was. */
  private static long lastAuction(long number) {
    long before = number / EPOCH * AUCTIONS;
    long here = Math.min(AUCTIONS, Math.max(0, number % EPOCH - PERSONS + 1));
    return FIRST_ID + Math.max(0, before + here - 1);
  }

  private static long recent(long last, int among, SplittableRandom random) {
    return last - random.nextLong(Math.min(among, last - FIRST_ID + 1));
  }

  /** From 100 to 100,000,000; each power of ten as often as the next. */
  private static long price(SplittableRandom random) {
    return Math.round(Math.pow(10, random.nextDouble() * 6) * 100);
  }

  private static String one(List<String> words, SplittableRandom random) {
    return words.get(random.nextInt(words.size()));
  }

  private static String letters(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int at = 0; at < length; at++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }
}
