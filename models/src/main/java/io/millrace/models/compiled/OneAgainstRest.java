package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.classification.ClassificationModel;
import org.apache.spark.ml.classification.OneVsRestModel;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * A model of two classes for each of many: this one, and all others.
 *
 * @param models what each says of features, the class itself second
 */
record OneAgainstRest(
    Slot features, @Nullable Slot raw, @Nullable Slot prediction, List<Scores> models)
    implements RowStage {

  static RowStage of(OneVsRestModel model, Columns columns) throws Uncompiled {
    List<Scores> models = new ArrayList<>();
    for (ClassificationModel<?, ?> each : model.models()) {
      models.add(RawPredictions.of(each));
    }
    return new OneAgainstRest(
        columns.vector(model.getFeaturesCol()),
        Outputs.vector(model.getRawPredictionCol(), models.size(), columns),
        Outputs.number(model.getPredictionCol(), columns),
        List.copyOf(models));
  }

  @Override
  public boolean run(Cells row) {
    if (raw != null || prediction != null) {
      set(row, scores(Features.of(row, features)));
    }
    return true;
  }

  private double[] scores(Vector vector) {
    double[] scores = new double[models.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = models.get(i).of(vector)[1];
    }
    return scores;
  }

  private void set(Cells row, double[] scores) {
    if (raw != null) {
      row.vector(raw, new DenseVector(scores));
    }
    if (prediction != null) {
      row.number(prediction, greatest(scores));
    }
  }

  /** The first of the greatest numbers; -1 if there is none above negative infinity. */
  private static int greatest(double[] scores) {
    int greatest = -1;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > most) {
        most = scores[i];
        greatest = i;
      }
    }
    return greatest;
  }
}
