package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanRecord;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Origin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;

/**
 * Holds the checkpoint of a query and the ledgers of its sinks against each other, before anything
 * runs.
 */
final class StartCheck {
  private final SparkSession spark;
  private final Plan plan;
  private final Checkpoints checkpoints;

  StartCheck(SparkSession spark, Plan plan, Checkpoints checkpoints) {
    this.spark = spark;
    this.plan = plan;
    this.checkpoints = checkpoints;
  }

  /**
   * What the start of a query found.
   *
   * @param joined what to keep for the next start
   * @param refusals why the query may not start; empty if it may
   */
  record Found(Joined joined, List<String> refusals) {}

  /** One sink of a query that has a ledger. */
  record Side(Plan.Output output, Identity who, Ledgered sink, Optional<Held> held) {}

  /**
   * Compares; where the start adopts, also makes every sink that does not fit remember what the
   * checkpoint says.
   */
  Found check(Plan.Query query, UUID id, Launcher.Start start) {
    Look look = look(query, id);
    Joined joined = look.fit().joined();
    List<String> refusals = new ArrayList<>();
    if (start == Launcher.Start.CHECKED) {
      otherSinks(query).ifPresent(refusals::add);
      otherMode(query, look.progress()).ifPresent(refusals::add);
    }
    if (query.trigger() instanceof Plan.Trigger.RealTime) {
      refusals.addAll(new OffsetCheck(plan, checkpoints).refusals(query, id));
    }
    for (Side side : look.sides()) {
      String name = side.who().sink();
      Optional<Discord> discord = look.fit().of(name);
      if (discord.isPresent() && start == Launcher.Start.CHECKED) {
        refusals.add(refusal(query, side, look.progress(), discord.get()));
      } else if (discord.isPresent()) {
        side.sink().adopt(spark, side.who(), look.progress().settled());
        adoptForwarded(query, side.output(), id, look.progress().settled());
        joined = joined.with(name, look.progress().settled());
      }
    }
    return new Found(joined, refusals);
  }

  /** What a sink leaves out of the batches that it gets again becomes dead letters again. */
  private void adoptForwarded(Plan.Query query, Plan.Output output, UUID id, long batch) {
    plan.deadLetters()
        .filter(target -> target.sink() instanceof Ledgered)
        .ifPresent(
            target -> {
              Identity who = new Identities(plan, query, id).ofRejects(target, output.name());
              Ledgered ledger = (Ledgered) target.sink();
              if (ledger.held(spark, who).isPresent()) {
                ledger.adopt(spark, who, batch);
              }
            });
  }

  /** What the checkpoint of a query says, what its sinks say, and whether that fits. */
  record Look(Progress progress, List<Side> sides, Fit fit) {}

  /**
   * Looks at both. Another start may be at work meanwhile, so it is asked before the sinks which
   * batches are past, and behind them which are begun: no sink can be outside of these then.
   */
  Look look(Plan.Query query, UUID id) {
    Progress before = checkpoints.progress(query.name());
    List<Side> sides = sides(query, id);
    Progress progress = before.begun(checkpoints.begun(query.name()));
    Map<String, Optional<Held>> held = new LinkedHashMap<>();
    sides.forEach(side -> held.put(side.who().sink(), side.held()));
    Fit fit =
        Fit.of(
            progress,
            id,
            held,
            checkpoints.joined(query.name()),
            batch -> checkpoints.sources(query.name(), batch));
    return new Look(progress, sides, fit);
  }

  /** Those of batches; in real time sinks remember offsets. */
  private List<Side> sides(Plan.Query query, UUID id) {
    if (query.trigger() instanceof Plan.Trigger.RealTime) {
      return List.of();
    }
    List<Plan.Output> outputs = new ArrayList<>();
    query.outputs().forEach(name -> outputs.add(plan.output(name)));
    if (!query.tags().isEmpty()) {
      plan.deadLetters().ifPresent(outputs::add);
    }
    List<Side> sides = new ArrayList<>();
    for (Plan.Output output : outputs) {
      if (output.sink() instanceof Ledgered sink) {
        Identity who = new Identities(plan, query, id).of(output);
        Optional<Held> held = Sinks.named(output.name(), () -> sink.held(spark, who));
        sides.add(new Side(output, who, sink, held));
      }
    }
    return sides;
  }

  /** A checkpoint that other sinks wrote: its offsets would be skipped without a row. */
  private Optional<String> otherSinks(Plan.Query query) {
    List<String> before = PlanRecord.writers(checkpoints.kept(query.name()), query.name());
    if (before.isEmpty()
        || query.outputs().isEmpty()
        || !Collections.disjoint(before, query.outputs())) {
      return Optional.empty();
    }
    return Optional.of(
        "Cannot go on from the checkpoint %s: it was written for %s, and this query writes %s. Move the folder away to begin anew, or put the one of these sinks there"
            .formatted(checkpoints.folder(query.name()), before, query.outputs()));
  }

  /**
   * Batches and real time number rows in ways of their own: one may follow the other's whole end.
   */
  private Optional<String> otherMode(Plan.Query query, Progress progress) {
    boolean now = query.trigger() instanceof Plan.Trigger.RealTime;
    Optional<Boolean> before =
        PlanRecord.realTime(checkpoints.kept(query.name()), query.name())
            .filter(mode -> mode != now && progress.offsets() > progress.settled());
    return before.map(
        mode ->
            "Cannot go on %s from the checkpoint %s: batch %d of it was begun %s and is not done. Start the job once more as it was and stop it, then change its trigger"
                .formatted(
                    mode(now), checkpoints.folder(query.name()), progress.offsets(), mode(mode)));
  }

  private static String mode(boolean realTime) {
    return realTime ? "in real time" : "in batches";
  }

  private String refusal(Plan.Query query, Side side, Progress progress, Discord discord) {
    String folder = checkpoints.folder(query.name());
    String sink = "sink '" + side.who().sink() + "'";
    long last = side.held().map(Held::batch).orElse(-1L);
    String adopt = "run the job once with --adopt: ";
    return switch (discord) {
      case SINK_BEHIND ->
          "Cannot start query '%s': %s went back in time. It has batches up to %d, the checkpoint %s up to %d. Missing in the sink: %s. Put its newer state back; or %sthese rows stay missing"
              .formatted(
                  query.name(),
                  sink,
                  last,
                  folder,
                  progress.settled(),
                  checkpoints.range(query.name(), last, progress.settled()),
                  adopt);
      case CHECKPOINT_BEHIND ->
          "Cannot start query '%s': the checkpoint %s went back in time. It ends at batch %d, %s has batches up to %d: %s would be written once more. Put the newer checkpoint back; or %sthese rows are written again"
              .formatted(
                  query.name(),
                  folder,
                  progress.offsets(),
                  sink,
                  last,
                  progress.offsets() + 1 == last
                      ? "batch " + last
                      : "batches %d to %d".formatted(progress.offsets() + 1, last),
                  adopt);
      case OTHER_CHECKPOINT ->
          "Cannot start query '%s': %s has batches up to %d of another checkpoint (query id %s, that of %s is %s). Put the old checkpoint back; or %sall that this checkpoint has not read is written, whether the sink has it or not"
              .formatted(
                  query.name(),
                  sink,
                  last,
                  side.held().map(Held::queryId).map(UUID::toString).orElse("unknown"),
                  folder,
                  side.who().queryId(),
                  adopt);
      case OTHER_ROWS ->
          "Cannot start query '%s': %s has other rows of batch %d than the checkpoint %s. It has them up to offsets %s, the checkpoint up to %s. Put the checkpoint back with which the sink was written, or the sink that goes with this one; or %swhat the two have apart stays missing or is there twice"
              .formatted(
                  query.name(),
                  sink,
                  last,
                  folder,
                  side.held().flatMap(Held::origin).map(Origin::offsets).orElse("unknown"),
                  checkpoints.sources(query.name(), last).orElse("unknown"),
                  adopt);
      case LEDGER_LOST ->
          "Cannot start query '%s': %s knows nothing of this job, but the checkpoint %s says that it has batches up to %d: %s. Put the sink's tables back; or %sthese rows stay missing"
              .formatted(
                  query.name(),
                  sink,
                  folder,
                  progress.settled(),
                  checkpoints.range(
                      query.name(),
                      checkpoints.joined(query.name()).of(side.who().sink()).orElse(-1L),
                      progress.settled()),
                  adopt);
    };
  }
}
