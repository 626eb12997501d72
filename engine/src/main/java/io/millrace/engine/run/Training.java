package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Trainer;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Trains a model on what its source holds now, through the same steps that serve a stream. */
public final class Training {
  private final SparkSession spark;

  public Training(SparkSession spark) {
    this.spark = spark;
  }

  /** Reads, trains and stores; rows that cannot be decoded or break a rule are left out. */
  public Trainer.Trained run(TrainingPlan plan) {
    SparkSession own = spark.newSession();
    SparkDefaults.apply(own, plan.spark());
    Graph graph = new Graph(List.of(plan.input()), plan.stages());
    try (Renewals renewals = Renewals.unnoted()) {
      Reading reading = new Reading.Once(Mode.APPEND, Launcher.Ends.CLOSED, renewals);
      Dataset<Row> rows = Frames.live(new Frames(graph, own, reading).of(plan.last()));
      return plan.trainer().train(plan.model(), Frames.visible(rows));
    }
  }
}
