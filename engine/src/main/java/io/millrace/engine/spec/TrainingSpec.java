package io.millrace.engine.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A training file: a table, the steps over it, and the settings of the trainer.
 *
 * @param spark Spark settings of the training
 * @param source called {@code input} by the steps
 * @param tables what steps look up beside it
 * @param trainer the kind of trainer, with all settings that are not words of the language
 */
public record TrainingSpec(
    Word model,
    Path folder,
    Map<String, Word> spark,
    SourceSpec source,
    List<SourceSpec> tables,
    List<StepSpec> steps,
    PartSpec trainer) {}
