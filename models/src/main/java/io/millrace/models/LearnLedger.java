package io.millrace.models;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a sink has learned, in the folder of the model: files {@code
 * _learning/<job>/<sink>/<number>.json}, numbered from 0. None is ever changed or added twice under
 * one number; the last one counts, and a few before it are left.
 */
record LearnLedger(Storage storage, Identity who) {
  private static final int KEPT = 10;
  private static final String PUBLISHED = "published";
  private static final int MOST_PUBLISHED = 100;
  private static final Pattern NAME = Pattern.compile("[0-9]{20}[.]json");

  static LearnLedger of(String model, Identity who) {
    return new LearnLedger(
        Storage.of(model).below("_learning/" + word(who.job()) + "/" + word(who.sink())), who);
  }

  private static String word(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  /** The last entry and its number. */
  record Tip(long number, LearnEntry entry) {
    Held held() {
      return entry.held();
    }

    Optional<Learned> learned() {
      return Optional.ofNullable(entry.learned());
    }
  }

  /** The last entry; empty where there is none. */
  Optional<Tip> tip() {
    List<Long> numbers = numbers();
    if (numbers.isEmpty()) {
      return Optional.empty();
    }
    long last = numbers.get(numbers.size() - 1);
    byte[] json = storage.read(name(last), LearnEntry.MOST);
    return Optional.of(new Tip(last, LearnEntry.of(json, storage.uri() + "/" + name(last))));
  }

  /**
   * Adds an entry behind the one that was the last.
   *
   * @return false if another one is there by now, and nothing was changed
   */
  boolean add(Optional<Tip> last, LearnEntry next) {
    long number = last.map(Tip::number).orElse(-1L) + 1;
    try {
      if (!storage.create(name(number), next.json())) {
        return false;
      }
      List<Long> numbers = numbers();
      if (numbers.get(numbers.size() - 1) > number) {
        // Later starts went on so long ago that they removed the one that stood in the way.
        storage.remove(name(number));
        return false;
      }
      for (long old : numbers) {
        if (old <= number - KEPT) {
          storage.remove(name(old));
        }
      }
      return true;
    } catch (IOException e) {
      throw failed("add " + name(number) + " to", e);
    }
  }

  /** Whether the version of an entry is known to be in the store. */
  boolean published(Tip tip) {
    return storage
        .find(PUBLISHED, MOST_PUBLISHED)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .filter(number -> Long.parseLong(number) >= tip.number())
        .isPresent();
  }

  /** Notes that the version of an entry is in the store. */
  void publish(Tip tip) {
    try {
      storage.replace(PUBLISHED, Long.toString(tip.number()).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw failed("note a version in", e);
    }
  }

  private List<Long> numbers() {
    try {
      return storage.names().stream()
          .filter(name -> NAME.matcher(name).matches())
          .map(name -> Long.valueOf(name.substring(0, name.indexOf('.'))))
          .toList();
    } catch (IOException e) {
      throw failed("list", e);
    }
  }

  private static String name(long number) {
    return "%020d.json".formatted(number);
  }

  private UncheckedIOException failed(String what, IOException e) {
    return new UncheckedIOException(
        "Cannot %s what sink %s learned in %s: %s"
            .formatted(what, who.sink(), storage.uri(), e.getMessage()),
        e);
  }
}
