package io.millrace.tests.torture;

import io.millrace.engine.testing.Sessions;
import io.millrace.tests.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A part of the long form: jobs of one sink each, one after another, with what is still missing to
 * the figures, as far as the time lets it. What is done is kept job by job.
 */
final class Slice {
  private static final int CYCLES = 16;
  private static final int ANSWERS = 12;
  private static final int DAMAGES = 25;

  /** Of what one job gets, so that it ends within a few minutes. */
  private static final long MOST_RECORDS = 350_000;

  private final Path results;
  private final long seed;
  private final long end;
  private final Random random;

  Slice(Path results, long seed, Duration most) {
    this.results = results;
    this.seed = seed;
    this.random = new Random(seed);
    this.end = System.nanoTime() + most.toNanos();
  }

  /** Until all figures are reached, the time is over, or something did not hold. */
  List<Line> run(Lab lab) throws IOException, InterruptedException {
    String version = DeliveryCode.version();
    List<Line> lines = new ArrayList<>();
    boolean held = true;
    for (int job = 0; held && System.nanoTime() < end; job++) {
      Goals goals = Goals.of(results, version);
      Optional<Mode> mode = next(goals);
      long damages = Math.min(DAMAGES, goals.missing("damage"));
      if (mode.isEmpty() && damages == 0) {
        break;
      }
      Line line =
          mode.isEmpty() || (damages > 0 && job % 4 == 3)
              ? Damages.run(Sessions.spark(), seed + job, (int) damages)
              : tortured(lab, "slice" + job, mode.get(), goals, seed + job);
      if (!DeliveryCode.version().equals(version)) {
        throw new IllegalStateException(
            "Cannot keep the result: the delivery code was changed while it was tortured");
      }
      Tool.append(Optional.of(results), List.of(line.json()));
      lines.add(line);
      held = line.held();
    }
    return lines;
  }

  /** The sink that lacks most; empty if none lacks anything that a job can give. */
  private static Optional<Mode> next(Goals goals) {
    return Goals.MODES.stream()
        .filter(mode -> !faults(mode, goals).isEmpty() || goals.missing(Goals.records(mode)) > 0)
        .max(Comparator.comparingLong(mode -> weight(mode, goals)));
  }

  private static long weight(Mode mode, Goals goals) {
    return faults(mode, goals).values().stream().mapToLong(Long::longValue).sum()
        + goals.missing(Goals.records(mode)) / MOST_RECORDS;
  }

  /** What is missing that a job of such sinks can give. */
  private static Map<Fault, Long> faults(Mode mode, Goals goals) {
    Map<Fault, Long> faults = new LinkedHashMap<>();
    long kills =
        Math.max(goals.missing(Goals.kills(mode)), goals.missing("kills") / Goals.MODES.size());
    if (kills > 0) {
      faults.put(Fault.KILL, kills);
    }
    for (Fault fault : Fault.others(List.of(mode))) {
      long missing = goals.missing(fault.word());
      if (missing > 0) {
        faults.put(fault, missing);
      }
    }
    return faults;
  }

  private Line tortured(Lab lab, String name, Mode mode, Goals goals, long seed)
      throws IOException, InterruptedException {
    List<Mode> one = List.of(mode);
    List<Fault> faults = drawn(faults(mode, goals));
    long cycles = Math.max(1, goals.missing(Goals.kills(mode)) / CYCLES + 1);
    long records =
        Math.max(
            10_000L,
            Math.min(MOST_RECORDS, goals.missing(Goals.records(mode)) * 107 / 100 / cycles));
    Tool.say("%s: %s, %,d records, seed %d: %s", name, mode.word(), records, seed, faults);
    Duration most = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    Trial trial = lab.trial(name, Mode.job(one));
    Campaign campaign =
        new Campaign(lab, trial, one, seed, faults, records, most, said -> Tool.say("%s", said));
    try {
      return Line.of("kill", seed, one, campaign.run());
    } catch (Broken broken) {
      return Line.broken("kill", seed, one, String.valueOf(broken.getMessage()));
    }
  }

  /** So many as one job gets, in proportion to what is missing; lost answers cost no start. */
  private List<Fault> drawn(Map<Fault, Long> missing) {
    Map<Fault, Long> costly = new LinkedHashMap<>(missing);
    Long answers = costly.remove(Fault.LOST_ANSWER);
    long all = costly.values().stream().mapToLong(Long::longValue).sum();
    Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
    costly.forEach(
        (fault, times) ->
            counts.put(
                fault,
                (int) Math.min(times, Math.max(1, Math.round(CYCLES * times / (double) all)))));
    List<Fault> faults = new ArrayList<>();
    counts.forEach(
        (fault, times) ->
            faults.addAll(
                fault == Fault.KILL
                    ? Fault.kills(times, random)
                    : Collections.nCopies(times, fault)));
    if (answers != null) {
      faults.addAll(Collections.nCopies((int) Math.min(ANSWERS, answers), Fault.LOST_ANSWER));
    }
    Collections.shuffle(faults, random);
    return List.copyOf(faults);
  }
}
