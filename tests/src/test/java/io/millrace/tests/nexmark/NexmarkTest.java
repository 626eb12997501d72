package io.millrace.tests.nexmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class NexmarkTest {
  private static final Events EVENTS = new Events(20_000, 7);

  /** Some of them alone, by the property: such as q4,q6. */
  private static final List<Query> QUERIES =
      Optional.ofNullable(System.getProperty("millrace.nexmark"))
          .map(words -> Query.of(Arrays.asList(words.split(",", -1))))
          .orElse(List.of(Query.values()));

  @Test
  void everyQueryGivesWhatPlainJavaGives() throws IOException, SQLException {
    Site site = KafkaSite.open(LocalBroker.shared(), "nexmark-ci", EVENTS);

    List<Contest.Result> results =
        Nexmark.run(
            QUERIES,
            site,
            LocalPostgres.shared().createDatabase("nexmark"),
            Folders.temporary("nexmark"),
            Rival.NONE);

    results.forEach(
        result ->
            System.out.printf(
                "%s: %.1f s, %,d rows%n",
                result.query().word(),
                result.ours().get(0).seconds(),
                result.ours().get(0).rows()));
    assertThat(
            results.stream()
                .filter(result -> !result.equal())
                .map(result -> result.query().word() + ": " + result.difference()))
        .isEmpty();
    assertThat(results).allSatisfy(result -> assertThat(result.ours().get(0).rows()).isPositive());
  }

  @Test
  void theSameJobFilesReadEventsWithoutABroker() throws IOException, SQLException {
    Path folder = Folders.temporary("nexmark-direct");

    List<Contest.Result> results =
        Nexmark.run(
            List.of(Query.Q12, Query.Q20),
            DirectSite.open(Optional.empty(), "nexmark-direct", new Events(12_000, 7), folder),
            LocalPostgres.shared().createDatabase("nexmark_direct"),
            folder,
            Rival.NONE);

    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.difference()).isEmpty();
              assertThat(result.ours().get(0).rows()).isPositive();
            });
  }

  @Test
  void aSourceHasTheEventsThatThereAreByNow() {
    Path folder = Folders.temporary("nexmark-source");
    Site site = DirectSite.open(Optional.empty(), "nexmark-source", EVENTS, folder);
    NexmarkSource source =
        new NexmarkSource(
            new NexmarkSource.Settings(
                Events.Kind.AUCTIONS,
                EVENTS.count(),
                EVENTS.seed(),
                folder.resolve("written").toString(),
                100));
    site.write(0, 1_000);

    List<Row> rows = source.read(Sessions.spark()).orderBy("number").collectAsList();
    List<Events.Auction> auctions =
        EVENTS.auctions().filter(auction -> auction.number() < 1_000).toList();
    assertThat(rows).hasSize(60);
    assertThat(rows)
        .extracting(row -> row.getLong(row.fieldIndex("id")))
        .containsExactlyElementsOf(auctions.stream().map(Events.Auction::id).toList());
    assertThat(rows)
        .extracting(row -> row.getTimestamp(row.fieldIndex("expires")).getTime())
        .containsExactlyElementsOf(auctions.stream().map(Events.Auction::expires).toList());

    site.close();
    assertThat(source.read(Sessions.spark()).selectExpr("count(1)", "min(id)").head())
        .isEqualTo(RowFactory.create(1_201L, Events.NOBODY));
  }

  @Test
  void aSourceWithoutEventsIsRefused() {
    assertThatThrownBy(() -> new NexmarkSource.Settings(Events.Kind.BIDS, 0, 1, "written", 5))
        .hasMessage("Expected 1 or more for count and max-per-batch, found 0 and 5");
  }

  @Test
  void anEventIsAFunctionOfSeedAndNumber() {
    List<String> events = EVENTS.all().map(Events.Event::json).toList();

    assertThat(new Events(20_000, 7).at(12_345).json()).isEqualTo(events.get(12_345));
    assertThat(new Events(20_000, 8).at(12_345).json()).isNotEqualTo(events.get(12_345));
    assertThat(EVENTS.persons().count()).isEqualTo(400);
    assertThat(EVENTS.auctions().count()).isEqualTo(1_200);
    assertThat(EVENTS.auctions().map(Events.Auction::id).distinct().count()).isEqualTo(1_200);
    assertThat(EVENTS.bids().count()).isEqualTo(18_400);
  }

  @Test
  void timesAreOutOfOrderWithinTheBound() {
    long latest = 0;
    long behind = 0;
    for (Events.Event event : EVENTS.all().toList()) {
      behind = Math.max(behind, latest - event.dateTime());
      latest = Math.max(latest, event.dateTime());
    }

    assertThat(behind).isBetween(Events.OUT_OF_ORDER_MILLIS / 2, Events.OUT_OF_ORDER_MILLIS);
  }

  @Test
  void aBidIsForAnAuctionAndByAPersonOfBefore() {
    var auctions =
        EVENTS.auctions().collect(Collectors.toMap(Events.Auction::id, Events.Auction::number));
    var persons =
        EVENTS.persons().collect(Collectors.toMap(Events.Person::id, Events.Person::number));

    assertThat(EVENTS.bids())
        .allSatisfy(
            bid -> {
              assertThat(auctions.get(bid.auction())).isLessThan(bid.number());
              // The hot bidder may be the person who comes next.
              assertThat(persons.getOrDefault(bid.bidder(), 0L)).isLessThan(bid.number() + 50);
            });
  }

  @Test
  void aDifferenceIsToldWithRows() throws SQLException {
    List<List<Object>> two = List.of(List.of(1L, "a"), List.of(2L, "b"));
    List<List<Object>> one = List.of(List.of(1L, "a"), List.of(1L, "a"));
    Bag expected = Bag.of(two::forEach);

    assertThat(Bag.of(two::forEach).difference(expected, two::forEach, two::forEach)).isEmpty();
    assertThat(Bag.of(one::forEach).difference(expected, one::forEach, two::forEach))
        .isEqualTo(
            "2 rows in place of 2; too many: 1, such as [1 | a]; missing: 1, such as [2 | b]");
    assertThat(Bag.of(List.<List<Object>>of()::forEach).size()).isZero();
  }

  @Test
  void anUnknownQueryIsRefused() {
    assertThatThrownBy(() -> Query.of(List.of("q99")))
        .hasMessage("Unknown query 'q99'. There are q0 to q23");
  }
}
