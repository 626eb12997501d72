package io.millrace.models;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.ModelVersions;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Promise;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Trainer;
import java.util.List;
import java.util.Optional;

/** Training, scoring and learning. */
public final class ModelsPlugin implements Plugin {
  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        new Kind<>(
            "score",
            "Scores every row with a stored model",
            ScoreStep.Settings.class,
            ScoreStep::new));
  }

  @Override
  public List<Kind<?, Sink>> sinks() {
    return List.of(
        new Kind<>(
            "learn",
            "Learns from each batch and puts a version of the model in use after every so many.",
            LearnSink.Settings.class,
            LearnSink::new,
            List.of(
                new Promise(
                    Guarantee.AT_LEAST_ONCE,
                    "model: s3a://bucket/folder",
                    "on that store two starts could learn from the same batch"),
                Promise.always(
                    Guarantee.EXACTLY_ONCE,
                    "what is learned and the batch's number are one file, created where none is; a"
                        + " batch that comes again is not learned from"))));
  }

  @Override
  public List<Kind<?, Trainer>> trainers() {
    return List.of(
        new Kind<>(
            "pipeline",
            "Fits a pipeline of Spark's stages to a table",
            PipelineTrainer.Settings.class,
            PipelineTrainer::new));
  }

  @Override
  public Optional<ModelVersions> models(String store) {
    return Optional.of(new StoredVersions(ModelStore.at(store)));
  }
}
