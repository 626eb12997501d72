package io.millrace.models;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.ModelVersions;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Trainer;
import java.util.List;
import java.util.Optional;

/** Training and scoring. */
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
