package io.millrace.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration BETWEEN = Duration.ofMillis(120);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void makesTheSameEventsFromTheSameSeed() {
    assertThat(run(7)).isEqualTo(run(7)).isNotEqualTo(run(8));
  }

  @Test
  void makesEverySortOfEventInBothTopics() {
    Truth truth = new Truth();
    run(7).forEach(truth::add);
    for (Topic topic : Topic.values()) {
      for (Sort sort : Sort.values()) {
        assertThat(truth.made(topic, sort)).as(topic + " " + sort).isPositive();
      }
    }
  }

  @Test
  void keepsEveryEventInTimeInsideTheDelayOfTheWatermark() {
    Instant latest = START;
    for (List<Event> portion : portions(7)) {
      for (Event event : portion) {
        latest = event.at().isAfter(latest) ? event.at() : latest;
      }
      Instant watermark = latest.minus(Generator.DELAY);
      assertThat(portion)
          .filteredOn(event -> event.sort() == Sort.GOOD || event.sort() == Sort.REPEATED)
          .allMatch(event -> event.at().isAfter(watermark));
    }
  }

  @Test
  void putsLateEventsIntoMinutesThatAreClosed() {
    Generator generator = new Generator(7, START, BETWEEN);
    Instant closed = START.plusSeconds(150);
    generator.next(50, Optional.empty());
    List<Event> late = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      late.addAll(generator.next(50, Optional.of(closed)));
    }
    late.removeIf(event -> event.sort() != Sort.LATE);
    assertThat(late).isNotEmpty().allMatch(event -> event.at().isBefore(START.plusSeconds(120)));
  }

  @Test
  void owesLateEventsUntilThereIsAWatermark() {
    Generator generator = new Generator(7, START, BETWEEN);
    for (int i = 0; i < 40; i++) {
      assertThat(generator.next(50, Optional.empty()))
          .noneMatch(event -> event.sort() == Sort.LATE);
    }
    assertThat(generator.late(START)).hasSizeGreaterThan(5);
    assertThat(generator.late(START)).isEmpty();
  }

  @Test
  void repeatsAnEventToTheLetter() {
    Map<String, Event> good = new HashMap<>();
    for (Event event : run(7)) {
      if (event.sort() == Sort.GOOD) {
        good.put(event.payload(), event);
      } else if (event.sort() == Sort.REPEATED) {
        assertThat(event.as(Sort.GOOD)).isEqualTo(good.remove(event.payload()));
      }
    }
  }

  @Test
  void breaksEventsAsItSays() throws JsonProcessingException {
    for (Event event : run(7)) {
      if (event.sort() == Sort.NOT_JSON) {
        assertThatThrownBy(() -> JSON.readTree(event.payload()))
            .isInstanceOf(JsonProcessingException.class);
        continue;
      }
      JsonNode json = JSON.readTree(event.payload());
      JsonNode number = json.path(event.topic() == Topic.CLICKS ? "dwell_ms" : "price");
      boolean id = json.has(event.topic() == Topic.CLICKS ? "click_id" : "impression_id");
      assertThat(id).isEqualTo(event.sort() != Sort.MISSING_FIELD);
      assertThat(number.isNumber()).isEqualTo(event.sort() != Sort.WRONG_TYPE);
      assertThat(number.asDouble() < 0).isEqualTo(event.sort() == Sort.BROKEN_RULE);
    }
  }

  @Test
  void closesAllWindowsAndGoesOnBehindThem() {
    Generator generator = new Generator(7, START, BETWEEN);
    List<Event> before = generator.next(50, Optional.empty());
    List<Event> closing = generator.closing();
    Instant watermark = closing.get(0).at().minus(Generator.DELAY);
    assertThat(closing).hasSize(2).allMatch(event -> event.sort() == Sort.CLOSING);
    assertThat(before).allMatch(event -> event.at().plusSeconds(60).isBefore(watermark));
    assertThat(generator.next(50, Optional.empty()))
        .allMatch(event -> event.at().isAfter(watermark));
  }

  @Test
  void refusesAPortionThatWouldOutliveTheWatermark() {
    Generator generator = new Generator(7, START, Duration.ofSeconds(1));
    assertThatThrownBy(() -> generator.next(50, Optional.empty()))
        .hasMessage("Cannot make 50 events at once: the first would be too old at the end");
  }

  @Test
  void makesAHistoryWithBothClassesInIt() {
    List<String> history = Generator.history(7, START, 1000);
    assertThat(history).hasSize(1000).isEqualTo(Generator.history(7, START, 1000));
    assertThat(history)
        .filteredOn(line -> line.contains("\"is_fraud\":true"))
        .hasSizeBetween(100, 200);
  }

  private static List<Event> run(long seed) {
    return portions(seed).stream().flatMap(List::stream).toList();
  }

  private static List<List<Event>> portions(long seed) {
    Generator generator = new Generator(seed, START, BETWEEN);
    List<List<Event>> portions = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Instant closed = START.plus(BETWEEN.multipliedBy(50L * i)).minusSeconds(90);
      portions.add(generator.next(50, Optional.of(closed).filter(START::isBefore)));
    }
    portions.add(generator.closing());
    return portions;
  }
}
