package io.millrace.tests.torture;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.millrace.jobs.Main;
import io.millrace.tests.Tool;
import io.millrace.tests.simulation.Simulation;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * The result of a campaign as one line of JSON.
 *
 * @param faults how often each was done, and what came of some
 * @param cycles starts of processes
 * @param cycleSeconds of one start with what was done to it, on average
 * @param recoverySeconds from a start to the first batch that it completed, the median
 * @param recoveryCpuSeconds the CPU time of that, which other load on the machine stretches less
 * @param looks of the second reader
 * @param sinks the account of each
 * @param verdict {@code held}, or why not
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Line(
    String name,
    long seed,
    List<String> modes,
    long records,
    Map<String, Integer> faults,
    int cycles,
    double cycleSeconds,
    double recoverySeconds,
    double recoveryCpuSeconds,
    double seconds,
    long looks,
    Map<String, Account> sinks,
    String verdict,
    Map<String, String> about) {
  private static final ObjectMapper JSON =
      new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  static Line of(String name, long seed, List<Mode> modes, Outcome outcome) {
    return new Line(
        name,
        seed,
        modes.stream().map(Mode::word).toList(),
        outcome.records(),
        outcome.faults(),
        outcome.starts(),
        rounded(outcome.starts() == 0 ? 0 : outcome.tormented() / outcome.starts()),
        rounded(Recovery.median(outcome.recoveries(), Recovery::seconds)),
        rounded(Recovery.median(outcome.recoveries(), Recovery::cpuSeconds)),
        rounded(outcome.seconds()),
        outcome.looks(),
        outcome.accounts(),
        outcome.holds() ? "held" : "not held",
        versions());
  }

  /** Of schedules of the simulation; the records are their number. */
  static Line of(long seed, Simulation.Result result, double seconds) {
    return new Line(
        "schedules",
        seed,
        List.of(),
        result.schedules(),
        result.done(),
        0,
        0,
        0,
        0,
        rounded(seconds),
        0,
        Map.of(),
        result.failing().isEmpty() ? "held" : result.what(),
        versions());
  }

  /** Of what was done and counted, without sinks to account for. */
  static Line counted(String name, long seed, Map<String, Integer> found, String verdict) {
    return new Line(
        name, seed, List.of(), 0, found, 0, 0, 0, 0, 0, 0, Map.of(), verdict, versions());
  }

  /** Of a campaign that had to be given up. */
  static Line broken(String name, long seed, List<Mode> modes, String why) {
    return new Line(
        name,
        seed,
        modes.stream().map(Mode::word).toList(),
        0,
        Map.of(),
        0,
        0,
        0,
        0,
        0,
        0,
        Map.of(),
        why,
        versions());
  }

  boolean held() {
    return verdict.equals("held");
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private static Map<String, String> versions() {
    Map<String, String> about = Tool.about();
    about.put("delivery", DeliveryCode.version());
    about.put("millrace", Main.class.getAnnotation(Command.class).version()[0]);
    return about;
  }

  String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + this, e);
    }
  }
}
