package io.millrace.tests.torture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What all runs over one version of the delivery code have to reach together, and what they have
 * reached.
 */
final class Goals {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final List<Mode> MODES = List.of(Mode.JDBC, Mode.KAFKA, Mode.DELTA);
  private static final long KILLS = 100;
  private static final long RECORDS = 2_000_000;

  private final Map<String, Long> wanted = new LinkedHashMap<>();
  private final Map<String, Long> reached = new LinkedHashMap<>();
  private final List<String> broken = new ArrayList<>();
  private final List<String> withdrawn = new ArrayList<>();
  private int others;

  Goals() {
    for (Mode mode : MODES) {
      wanted.put(kills(mode), KILLS);
    }
    wanted.put("kills", KILLS * MODES.size());
    for (Mode mode : MODES) {
      wanted.put(records(mode), RECORDS);
    }
    wanted.put(Fault.BROKER.word(), 25L);
    wanted.put(Fault.DATABASE.word(), 25L);
    wanted.put(Fault.LOST_ANSWER.word(), 100L);
    wanted.put(Fault.PAUSE.word(), 50L);
    wanted.put(Fault.SECOND_START.word(), 50L);
    wanted.put("damage", 200L);
  }

  static String kills(Mode mode) {
    return "kills of " + mode.word();
  }

  static String records(Mode mode) {
    return "rows of " + mode.word();
  }

  /**
   * The lines of a file that are of this version; a file that is not there has none. One whose
   * fault was found to be the harness's own says so under {@code withdrawn}: it is told, and counts
   * for nothing.
   */
  static Goals of(Path file, String version) throws IOException {
    Goals goals = new Goals();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        goals.add(JSON.readTree(line), version);
      }
    }
    return goals;
  }

  private void add(JsonNode line, String version) {
    if (!line.path("about").path("delivery").asText().equals(version)) {
      others++;
      return;
    }
    if (line.has("withdrawn")) {
      withdrawn.add(said(line, "withdrawn"));
      return;
    }
    if (!line.path("verdict").asText().equals("held")) {
      broken.add(said(line, "verdict"));
      return;
    }
    Map<String, Long> faults = new LinkedHashMap<>();
    line.path("faults")
        .properties()
        .forEach(fault -> faults.put(fault.getKey(), fault.getValue().asLong()));
    if (line.path("name").asText().equals("kill")) {
      kills(line, faults);
    }
    faults.forEach(this::reached);
  }

  private static String said(JsonNode line, String field) {
    return "%s, seed %d: %s"
        .formatted(
            line.path("name").asText(), line.path("seed").asLong(), line.path(field).asText());
  }

  private void kills(JsonNode line, Map<String, Long> faults) {
    long kills = Fault.killed(faults);
    reached("kills", kills);
    for (JsonNode word : line.path("modes")) {
      Mode mode = Mode.of(word.asText());
      reached(kills(mode), kills);
      String sink = Part.ROWS.word() + "_" + mode.word();
      reached(records(mode), line.path("sinks").path(sink).path("expected").asLong());
    }
  }

  private void reached(String what, long times) {
    reached.merge(what, times, Long::sum);
  }

  /** How much of something is missing; 0 for what has no goal. */
  long missing(String what) {
    return Math.max(0, wanted.getOrDefault(what, 0L) - reached.getOrDefault(what, 0L));
  }

  /** Whether all is there, and all of it held. */
  boolean met() {
    return broken.isEmpty() && wanted.keySet().stream().allMatch(what -> missing(what) == 0);
  }

  /** What a person reads. */
  String text(String version) {
    StringBuilder text = new StringBuilder();
    wanted.forEach(
        (what, times) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "  %-16s %,10d of %,10d%s%n",
                    what,
                    reached.getOrDefault(what, 0L),
                    times,
                    missing(what) == 0 ? "" : "  missing")));
    reached.forEach(
        (what, times) -> {
          if (!wanted.containsKey(what)) {
            text.append(String.format(Locale.ROOT, "  %-16s %,10d%n", what, times));
          }
        });
    withdrawn.forEach(line -> text.append("  withdrawn: ").append(line).append('\n'));
    broken.forEach(line -> text.append("  NOT HELD: ").append(line).append('\n'));
    return String.format(
        Locale.ROOT,
        "Of delivery code %s; %,d lines of other versions do not count:%n%s%s%n",
        version,
        others,
        text,
        met() ? "All of it is reached, and held." : "NOT REACHED.");
  }
}
