package io.millrace.engine.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job as it is written: names and wiring, kinds not yet resolved.
 *
 * @param spark Spark settings of the job
 * @param engine {@code dstream}, where it does not run as structured streaming
 * @param audit what it does when the rows of a batch do not balance
 * @param folder what relative paths of the file start from
 * @param tests what it has to do with given rows
 */
public record JobSpec(
    Word name,
    Path folder,
    Optional<String> about,
    Map<String, Word> spark,
    Optional<Word> checkpoint,
    Optional<Word> engine,
    Optional<Word> audit,
    List<SourceSpec> sources,
    List<StepSpec> steps,
    Optional<DeadLetterSpec> deadLetters,
    List<SinkSpec> sinks,
    List<TestSpec> tests) {}
