package io.millrace.engine.plan;

import io.millrace.engine.spi.Trainer;
import java.util.List;

/**
 * A checked training file.
 *
 * @param last the source or step whose rows the trainer gets
 */
public record TrainingPlan(
    String model, Plan.Input input, List<Plan.Stage> stages, String last, Trainer trainer) {}
