package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Ledgered;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;

/** How far a job is, by its checkpoints and by its sinks. Reads only, also while the job runs. */
public final class Ledgers {
  private Ledgers() {}

  /**
   * One sink of one query.
   *
   * @param begun the last batch that the checkpoint has begun; -1 for none
   * @param done the last batch that the checkpoint calls done; -1 for none
   * @param held what the sink remembers; empty if it remembers nothing
   * @param verdict whether the two fit, in words
   */
  public record Line(
      String query, String sink, long begun, long done, Optional<Held> held, String verdict) {}

  /** A line for each sink of each query. */
  public static List<Line> of(SparkSession spark, Plan plan) {
    Checkpoints checkpoints =
        new Checkpoints(plan.checkpoint(), spark.sparkContext().hadoopConfiguration());
    StartCheck check = new StartCheck(spark, plan, checkpoints);
    List<Line> lines = new ArrayList<>();
    for (Plan.Query query : plan.queries()) {
      Optional<UUID> known = checkpoints.knownId(query.name());
      // Without a checkpoint, any id is another one than that of the ledger.
      UUID id = known.orElseGet(UUID::randomUUID);
      StartCheck.Look look = check.look(query, id);
      Progress progress = look.progress();
      for (StartCheck.Side side : look.sides()) {
        lines.add(
            new Line(
                query.name(),
                side.who().sink(),
                progress.offsets(),
                progress.commits(),
                side.held(),
                verdict(look.fit().of(side.who().sink()))));
      }
      for (String name : query.outputs()) {
        if (!(plan.output(name).sink() instanceof Ledgered)) {
          lines.add(
              new Line(
                  query.name(),
                  name,
                  progress.offsets(),
                  progress.commits(),
                  Optional.empty(),
                  "keeps no ledger"));
        }
      }
    }
    return lines;
  }

  private static String verdict(Optional<Discord> discord) {
    return discord
        .map(
            found ->
                switch (found) {
                  case SINK_BEHIND -> "the sink went back in time";
                  case CHECKPOINT_BEHIND -> "the checkpoint went back in time";
                  case OTHER_CHECKPOINT -> "of another checkpoint";
                  case OTHER_ROWS -> "the batch has other rows";
                  case LEDGER_LOST -> "the sink lost its ledger";
                })
        .orElse("fits");
  }
}
