package io.millrace.tests.nexmark;

import io.millrace.tests.nexmark.Events.Auction;
import io.millrace.tests.nexmark.Events.Bid;
import io.millrace.tests.nexmark.Events.Event;
import io.millrace.tests.nexmark.Events.Person;
import java.util.Iterator;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Makes the events of one partition as rows, with the columns that job files decode. */
record NexmarkRows() implements PartitionReaderFactory {
  private static final long serialVersionUID = 1;

  /** The events of a stream whose numbers lie in a range. */
  record Part(Events events, Events.Kind kind, long from, long until) implements InputPartition {
    private static final long serialVersionUID = 1;
  }

  static StructType columns(Events.Kind kind) {
    return StructType.fromDDL(
        switch (kind) {
          case PERSONS ->
              "number bigint not null, id bigint not null, name string, email_address string, credit_card string, city string, state string, date_time timestamp not null, extra string";
          case AUCTIONS ->
              "number bigint not null, id bigint not null, item_name string, description string, initial_bid bigint, reserve bigint, date_time timestamp not null, expires timestamp not null, seller bigint not null, category bigint not null, extra string";
          case BIDS ->
              "number bigint not null, auction bigint not null, bidder bigint not null, price bigint not null, channel string, url string, date_time timestamp not null, extra string";
        });
  }

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    Part part = (Part) partition;
    return new Reader(part.events().of(part.kind(), part.from(), part.until()).iterator());
  }

  private static InternalRow row(Event event) {
    if (event instanceof Person person) {
      return values(
          person.number(),
          person.id(),
          text(person.name()),
          text(person.emailAddress()),
          text(person.creditCard()),
          text(person.city()),
          text(person.state()),
          micros(person.dateTime()),
          text(person.extra()));
    }
    return event instanceof Auction auction ? row(auction) : row((Bid) event);
  }

  private static InternalRow row(Auction auction) {
    return values(
        auction.number(),
        auction.id(),
        text(auction.itemName()),
        text(auction.description()),
        auction.initialBid(),
        auction.reserve(),
        micros(auction.dateTime()),
        micros(auction.expires()),
        auction.seller(),
        auction.category(),
        text(auction.extra()));
  }

  private static InternalRow row(Bid bid) {
    return values(
        bid.number(),
        bid.auction(),
        bid.bidder(),
        bid.price(),
        text(bid.channel()),
        text(bid.url()),
        micros(bid.dateTime()),
        text(bid.extra()));
  }

  private static InternalRow values(Object... values) {
    return new GenericInternalRow(values);
  }

  private static UTF8String text(String value) {
    return UTF8String.fromString(value);
  }

  private static long micros(long millis) {
    return millis * 1_000;
  }

  private static final class Reader implements PartitionReader<InternalRow> {
    private final Iterator<Event> events;
    private @Nullable Event event;

    Reader(Iterator<Event> events) {
      this.events = events;
    }

    @Override
    public boolean next() {
      event = events.hasNext() ? events.next() : null;
      return event != null;
    }

    @Override
    public InternalRow get() {
      return row(Objects.requireNonNull(event));
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
