package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisPlaces.Part;
import io.millrace.engine.plan.AnalysisReport.Subject;
import io.millrace.engine.plan.AnalysisState.Growth;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Write;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/** Checks what each sink gets and the mode in which it wants it. */
final class AnalysisSinks {
  private final AnalysisWalk walk;
  private final Analyzer.Run run;
  private final AnalysisReport report;
  private final Map<String, Optional<LogicalPlan>> rows = new HashMap<>();
  private final Map<String, Set<Mode>> modes = new HashMap<>();
  private final Map<String, AnalysisModes> known = new HashMap<>();
  private final Set<String> refused = new HashSet<>();

  AnalysisSinks(AnalysisWalk walk, Analyzer.Run run, AnalysisReport report) {
    this.walk = walk;
    this.run = run;
    this.report = report;
  }

  Map<String, Optional<LogicalPlan>> rows() {
    return Map.copyOf(rows);
  }

  Map<String, Set<Mode>> modes() {
    return Map.copyOf(modes);
  }

  void check(Plan.Output output) {
    Subject sink = new Subject(Part.SINK, output.name());
    Optional<LogicalPlan> plan = walk.plan(output.from());
    rows.put(
        output.name(),
        plan.map(AnalysisRows::alive).flatMap(alive -> walk.when(sink, output.when(), alive)));
    if (plan.isEmpty() || walk.opaque(output.from())) {
      return;
    }
    if (run == Analyzer.Run.BATCH) {
      batch(output.from(), plan.get());
    } else {
      stream(sink, output, plan.get());
      replay(sink, output, plan.get());
    }
  }

  /** A row of a batch that comes again would not meet the one that it wrote the first time. */
  private void replay(Subject sink, Plan.Output output, LogicalPlan plan) {
    if (output.how().write() == Write.APPEND) {
      return;
    }
    AnalysisReplay.find(output.from(), plan)
        .ifPresentOrElse(
            found ->
                report.add(
                    walk.subject(found.chance().node()),
                    found.chance().where(),
                    sentence(output, found)),
            () ->
                rows.getOrDefault(output.name(), Optional.empty())
                    .flatMap(chosen -> AnalysisReplay.find(output.from(), chosen))
                    .ifPresent(
                        found ->
                            report.add(sink, found.chance().where(), sentence(output, found))));
  }

  private static String sentence(Plan.Output output, AnalysisReplay.Found found) {
    return "Cannot "
        + output.how().write().name().toLowerCase(Locale.ROOT)
        + found.column().map(column -> " column '" + column + "'").orElse(" the rows")
        + " of '"
        + output.from()
        + "' into '"
        + output.name()
        + "': "
        + found.chance().name()
        + " gives another result when a batch comes again. Work it out from the row itself, such as"
        + " by xxhash64 of its key, or write: append.";
  }

  private void batch(String from, LogicalPlan plan) {
    AnalysisModes.batch(plan)
        .ifPresent(
            fault ->
                report.add(
                    walk.subject(from),
                    "Cannot run as a table: " + AnalysisReason.of(fault) + "."));
  }

  private void stream(Subject sink, Plan.Output output, LogicalPlan plan) {
    AnalysisModes path = modes(output.from(), plan);
    Set<Mode> allowed = path.allowed();
    modes.put(output.name(), allowed);
    boolean grows = grows(output);
    if (allowed.isEmpty()) {
      refuse(output.from());
      return;
    }
    path.refusal(output.how().mode())
        .filter(refusal -> !(grows && AnalysisReason.watermark(refusal)))
        .ifPresent(refusal -> report.add(sink, "mode", sentence(output, refusal, allowed)));
  }

  private static String sentence(Plan.Output output, Exception refusal, Set<Mode> allowed) {
    return "Cannot write '"
        + output.from()
        + "' in mode "
        + word(output.how().mode())
        + ": "
        + AnalysisReason.of(refusal)
        + ". What works: "
        + allowed.stream().map(AnalysisSinks::word).collect(Collectors.joining(", "))
        + ".";
  }

  private AnalysisModes modes(String name, LogicalPlan plan) {
    return known.computeIfAbsent(name, ignored -> AnalysisModes.of(plan));
  }

  /** Reports the steps that Spark streams in no mode, where they begin. */
  private void refuse(String name) {
    Optional<LogicalPlan> plan = walk.plan(name);
    if (plan.isEmpty() || !modes(name, plan.get()).allowed().isEmpty() || !refused.add(name)) {
      return;
    }
    boolean inherited = walk.from(name).stream().anyMatch(this::refusedAlready);
    walk.from(name).forEach(this::refuse);
    if (!inherited) {
      modes(name, plan.get())
          .refusal(Mode.APPEND)
          .map(refusal -> "Cannot stream '" + name + "': " + AnalysisReason.of(refusal) + ".")
          .ifPresent(sentence -> report.add(walk.subject(name), sentence));
    }
  }

  private boolean refusedAlready(String name) {
    return walk.plan(name).filter(plan -> modes(name, plan).allowed().isEmpty()).isPresent();
  }

  private static String word(Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  /** Reports the steps above a sink whose state grows without bound; true if there is one. */
  private boolean grows(Plan.Output output) {
    boolean found = false;
    for (String step : walk.bounded(output.from())) {
      for (LogicalPlan operator : walk.operators(step)) {
        Optional<Growth> growth =
            AnalysisState.growth(operator).filter(kind -> counts(kind, output.how().mode()));
        growth.ifPresent(kind -> report.add(walk.subject(step), sentence(kind, step)));
        found |= growth.isPresent();
      }
    }
    return found;
  }

  /** In mode complete the job asks for a table that is kept as a whole. */
  private static boolean counts(Growth growth, Mode mode) {
    return growth == Growth.JOIN || mode != Mode.COMPLETE;
  }

  private String sentence(Growth growth, String step) {
    String source = walk.unmarked(step).stream().collect(Collectors.joining(" and on "));
    String on = source.isEmpty() ? "" : " on " + source;
    String add = " Add watermark: {time: …, delay: …}" + (source.isEmpty() ? "." : " to it.");
    return switch (growth) {
      case WINDOW -> "Needs a watermark" + on + ": without one a window never closes." + add;
      case GROUPS ->
          "Needs an end for its groups: it keeps every group for ever. Group by a window of a"
              + " column with a watermark, or write it in mode complete.";
      case KEYS ->
          "Needs an end for its keys: it keeps every key for ever. Use dedupe with within, behind a"
              + " watermark.";
      case JOIN ->
          "Needs a watermark on both sides and a bound between their times: without them it keeps"
              + " every row for ever."
              + (source.isEmpty() ? "" : " No watermark:" + on.substring(3) + ".");
    };
  }
}
