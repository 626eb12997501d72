package io.millrace.tests.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** What is done to the job. */
enum Fault {
  /** {@code kill -9} while it starts. */
  KILL_EARLY,
  /** {@code kill -9} at any moment of its work. */
  KILL,
  /** {@code kill -9} when a sink has a batch that the checkpoint does not call done. */
  KILL_AHEAD,
  /** Halted with {@code kill -STOP}, woken up when a second start has gone on without it. */
  PAUSE,
  /** Asked to end, by {@code kill -TERM}. */
  TERM,
  /** The broker is killed with {@code kill -9} and started again. */
  BROKER,
  /** The database is ended as by {@code pg_ctl -m immediate} and started again. */
  DATABASE,
  /** The answer of the database to a COMMIT is lost. */
  LOST_ANSWER,
  /** Started a second time while it works: exactly one of the two goes on. */
  SECOND_START,
  /** The connections to the database go silent, and nobody is told. */
  HALF_OPEN_DATABASE,
  /** The connections to the broker go silent, and nobody is told. */
  HALF_OPEN_BROKER,
  /** The disk that the checkpoint is on is full for a while. */
  DISK_FULL;

  /** Those that end the process at once. */
  static final List<Fault> KILLS = List.of(KILL_EARLY, KILL, KILL_AHEAD);

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * A sequence with so many of each as a text says, such as {@code kill=5,pause=2}; a kill comes at
   * a moment of any sort.
   *
   * @throws IllegalArgumentException with a sentence, if it cannot be read
   */
  static List<Fault> plan(String text, Random random) {
    List<Fault> faults = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String[] words = part.strip().split("=", 2);
      if (words.length < 2 || !words[1].matches("\\d{1,4}")) {
        throw new IllegalArgumentException(
            "Expected faults and how often, such as kill=5,pause=2, found " + part);
      }
      int times = Integer.parseInt(words[1]);
      Fault fault = of(words[0]);
      faults.addAll(fault == KILL ? kills(times, random) : Collections.nCopies(times, fault));
    }
    Collections.shuffle(faults, random);
    return List.copyOf(faults);
  }

  private static Fault of(String word) {
    return Arrays.stream(values())
        .filter(fault -> fault.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown fault %s. Known are: %s"
                        .formatted(
                            word,
                            String.join(", ", Arrays.stream(values()).map(Fault::word).toList()))));
  }

  /** What is done besides kills to a job with such sinks, where no plan says otherwise. */
  static List<Fault> others(List<Mode> modes) {
    return modes.stream().allMatch(mode -> mode == Mode.DELTA)
        ? List.of(PAUSE, SECOND_START, TERM, BROKER)
        : List.of(PAUSE, SECOND_START, TERM, BROKER, DATABASE, LOST_ANSWER);
  }

  /** How many kills there are among faults that are counted by their words. */
  static long killed(Map<String, ? extends Number> faults) {
    return KILLS.stream()
        .map(kill -> faults.get(kill.word()))
        .filter(Objects::nonNull)
        .mapToLong(Number::longValue)
        .sum();
  }

  /** So many kills, at moments of every sort. */
  static List<Fault> kills(int kills, Random random) {
    List<Fault> faults = new ArrayList<>();
    for (int kill = 0; kill < kills; kill++) {
      int lot = random.nextInt(100);
      faults.add(lot < 15 ? KILL_EARLY : lot < 50 ? KILL_AHEAD : KILL);
    }
    return faults;
  }

  /** A sequence with so many kills, and a few of the others between them. */
  static List<Fault> sequence(int kills, List<Fault> others, Random random) {
    List<Fault> faults = kills(kills, random);
    others.forEach(other -> faults.addAll(Collections.nCopies(Math.max(1, kills / 6), other)));
    Collections.shuffle(faults, random);
    return List.copyOf(faults);
  }
}
