package io.millrace.engine.plan;

import io.millrace.engine.spi.Trainer;
import java.util.List;
import java.util.Map;

/**
 * A checked training file.
 *
 * @param spark Spark settings of the training
 * @param inputs what the rows come from, then the tables that steps look up
 * @param last the source or step whose rows the trainer gets
 */
public record TrainingPlan(
    String model,
    Map<String, String> spark,
    List<Plan.Input> inputs,
    List<Plan.Stage> stages,
    String last,
    Trainer trainer) {}
