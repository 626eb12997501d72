package io.millrace.models.compiled;

import java.util.List;
import org.apache.spark.ml.classification.ClassificationModel;
import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.FMClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;

/** The raw predictions of classifiers that are part of others. */
final class RawPredictions {
  private static final List<Known<?>> KNOWN =
      List.of(
          new Known<>(LogisticRegressionModel.class, model -> Logistic.classifier(model)::raw),
          new Known<>(LinearSVCModel.class, model -> twoSided(SupportVectors.margin(model))),
          new Known<>(FMClassificationModel.class, model -> twoSided(Factorized.margin(model))),
          new Known<>(NaiveBayesModel.class, Bayes::scores),
          new Known<>(
              DecisionTreeClassificationModel.class,
              model -> TreeClassification.classifier(model)::raw),
          new Known<>(
              RandomForestClassificationModel.class,
              model -> TreeClassification.classifier(model)::raw),
          new Known<>(
              GBTClassificationModel.class, model -> TreeClassification.classifier(model)::raw),
          new Known<>(
              MultilayerPerceptronClassificationModel.class,
              model -> Perceptron.classifier(model)::raw));

  private RawPredictions() {}

  /** Makes raw predictions of a model. */
  @FunctionalInterface
  private interface Maker<T> {
    Scores make(T model) throws Uncompiled;
  }

  private record Known<T>(Class<T> type, Maker<T> maker) {
    Scores make(Object model) throws Uncompiled {
      return maker.make(type.cast(model));
    }
  }

  static Scores of(ClassificationModel<?, ?> model) throws Uncompiled {
    for (Known<?> known : KNOWN) {
      if (known.type() == model.getClass()) {
        return known.make(model);
      }
    }
    throw new Uncompiled("the stage " + model.getClass().getSimpleName() + " is not known");
  }

  private static Scores twoSided(Predictor margin) {
    return features -> Margin.twoSided(margin.of(features));
  }
}
