package io.millrace.engine.plan;

import io.millrace.engine.spi.Trainer;
import java.util.List;
import java.util.Map;

/**
 * A checked training file.
 *
 * @param spark Spark settings of the training
 * @param last the source or step whose rows the trainer gets
 */
public record TrainingPlan(
    String model,
    Map<String, String> spark,
    Plan.Input input,
    List<Plan.Stage> stages,
    String last,
    Trainer trainer) {}
