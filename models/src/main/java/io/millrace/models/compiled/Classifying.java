package io.millrace.models.compiled;

import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Sets what a classifier says, as far as there are columns for it. As in Spark, the class goes by
 * the first of these columns that there is.
 */
record Classifying(
    Slot features,
    @Nullable Slot raw,
    @Nullable Slot probability,
    @Nullable Slot prediction,
    Classifier classifier)
    implements RowStage {

  static RowStage of(
      ProbabilisticClassificationModel<Vector, ?> model, Columns columns, Classifier classifier)
      throws Uncompiled {
    return new Classifying(
        columns.vector(model.getFeaturesCol()),
        Outputs.vector(model.getRawPredictionCol(), model.numClasses(), columns),
        Outputs.vector(model.getProbabilityCol(), model.numClasses(), columns),
        Outputs.number(model.getPredictionCol(), columns),
        classifier);
  }

  @Override
  public boolean run(Cells row) {
    if (raw != null) {
      fromRaw(row, raw, classifier.raw(Features.of(row, features)));
    } else if (probability != null) {
      fromProbabilities(row, probability, classifier.raw(Features.of(row, features)));
    } else if (prediction != null) {
      row.number(prediction, classifier.byFeatures(Features.of(row, features)));
    }
    return true;
  }

  private void fromRaw(Cells row, Slot output, double[] scores) {
    row.vector(output, new DenseVector(scores));
    if (probability != null) {
      double[] probabilities = scores.clone();
      classifier.probabilities(probabilities);
      row.vector(probability, new DenseVector(probabilities));
    }
    if (prediction != null) {
      row.number(prediction, classifier.byRaw(scores));
    }
  }

  private void fromProbabilities(Cells row, Slot output, double[] scores) {
    classifier.probabilities(scores);
    row.vector(output, new DenseVector(scores));
    if (prediction != null) {
      row.number(prediction, classifier.byProbabilities(scores));
    }
  }
}
