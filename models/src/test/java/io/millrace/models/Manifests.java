package io.millrace.models;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;

/** Manifests of versions that are stored by hand. */
final class Manifests {
  private Manifests() {}

  /** That of a copy. */
  static Manifest like(Manifest like, String version, Map<String, String> files) {
    return with(like, version, like.stages(), files);
  }

  /** That of another model. */
  static Manifest of(
      Manifest like, PipelineModel model, String version, Map<String, String> files) {
    List<String> stages =
        Arrays.stream(model.stages()).map(stage -> stage.getClass().getName()).toList();
    return with(like, version, stages, files);
  }

  private static Manifest with(
      Manifest like, String version, List<String> stages, Map<String, String> files) {
    return new Manifest(
        Manifest.FORMAT,
        like.model(),
        version,
        like.created(),
        like.spark(),
        like.data(),
        like.task(),
        like.label(),
        like.inputs(),
        like.outputs(),
        stages,
        like.trainingRows(),
        like.heldOutRows(),
        like.incompleteRows(),
        like.metrics(),
        files,
        like.onnx());
  }
}
