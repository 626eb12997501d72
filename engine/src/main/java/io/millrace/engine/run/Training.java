package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Trainer;
import io.millrace.engine.spi.Versioned;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Trains a model on what its source holds now, through the same steps that serve a stream. */
public final class Training {
  private final SparkSession spark;

  public Training(SparkSession spark) {
    this.spark = spark;
  }

  /** As {@link #run(TrainingPlan, Consumer)}, and tells nobody how far it is. */
  public Trainer.Trained run(TrainingPlan plan) {
    return run(plan, line -> {});
  }

  /**
   * Reads, trains and stores; rows that cannot be decoded or break a rule are left out. A table
   * that keeps its versions is read in the one that it has now, whatever is written meanwhile.
   *
   * @param progress is told how far it is, in lines for people
   */
  public Trainer.Trained run(TrainingPlan plan, Consumer<String> progress) {
    SparkSession own = spark.newSession();
    SparkDefaults.apply(own, plan.spark());
    Graph graph = new Graph(plan.inputs(), plan.stages());
    Plan.Input table = plan.inputs().get(0);
    Optional<String> data = version(own, table.source());
    try (Renewals renewals = Renewals.unnoted()) {
      Reading once = new Reading.Once(Mode.APPEND, Launcher.Ends.CLOSED, renewals);
      Reading reading =
          data.<Reading>map(version -> new Reading.At(once, table, version)).orElse(once);
      Dataset<Row> rows = Frames.live(new Frames(graph, own, reading).of(plan.last()));
      return plan.trainer()
          .train(new Trainer.Assignment(plan.model(), Frames.visible(rows), data, progress));
    }
  }

  private static Optional<String> version(SparkSession spark, Source source) {
    return source instanceof Versioned versioned
        ? Optional.of(versioned.version(spark))
        : Optional.empty();
  }
}
