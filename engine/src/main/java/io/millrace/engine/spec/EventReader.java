package io.millrace.engine.spec;

import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/** The parser's events, with a look at the one ahead. */
final class EventReader {
  private final Iterator<Event> events;
  private Optional<Event> ahead = Optional.empty();

  EventReader(Iterator<Event> events) {
    this.events = events;
  }

  Event peek() {
    if (ahead.isEmpty()) {
      ahead = Optional.of(events.next());
    }
    return ahead.get();
  }

  Event next() {
    Event event = peek();
    ahead = Optional.empty();
    return event;
  }

  boolean at(Event.ID id) {
    return peek().getEventId() == id;
  }

  boolean plain(String word) {
    return peek() instanceof ScalarEvent scalar
        && scalar.isPlain()
        && scalar.getValue().equals(word);
  }
}
