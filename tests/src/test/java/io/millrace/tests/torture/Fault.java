package io.millrace.tests.torture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
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
  LOST_ANSWER;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What can be done besides kills to a job with such sinks. */
  static List<Fault> others(List<Mode> modes) {
    return modes.stream().allMatch(mode -> mode == Mode.DELTA)
        ? List.of(PAUSE, TERM, BROKER)
        : List.of(PAUSE, TERM, BROKER, DATABASE, LOST_ANSWER);
  }

  /** A sequence with so many kills, and a few of the others between them. */
  static List<Fault> sequence(int kills, List<Fault> others, Random random) {
    List<Fault> faults = new ArrayList<>();
    for (int kill = 0; kill < kills; kill++) {
      int lot = random.nextInt(100);
      faults.add(lot < 15 ? KILL_EARLY : lot < 50 ? KILL_AHEAD : KILL);
    }
    others.forEach(other -> faults.addAll(Collections.nCopies(Math.max(1, kills / 6), other)));
    Collections.shuffle(faults, random);
    return List.copyOf(faults);
  }
}
