package io.millrace.models.compiled;

import java.util.List;
import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.FMClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.classification.OneVsRestModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.clustering.BisectingKMeansModel;
import org.apache.spark.ml.clustering.GaussianMixtureModel;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.regression.DecisionTreeRegressionModel;
import org.apache.spark.ml.regression.FMRegressionModel;
import org.apache.spark.ml.regression.GBTRegressionModel;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.regression.IsotonicRegressionModel;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressionModel;

/** The stages that predict. */
final class Predictors {
  static final List<Stages.Maker<?>> KNOWN =
      List.of(
          new Stages.Maker<>(LogisticRegressionModel.class, Logistic::of),
          new Stages.Maker<>(LinearRegressionModel.class, Margin::of),
          new Stages.Maker<>(GeneralizedLinearRegressionModel.class, Generalized::of),
          new Stages.Maker<>(DecisionTreeClassificationModel.class, TreeClassification::tree),
          new Stages.Maker<>(RandomForestClassificationModel.class, TreeClassification::forest),
          new Stages.Maker<>(GBTClassificationModel.class, TreeClassification::boosted),
          new Stages.Maker<>(DecisionTreeRegressionModel.class, TreeRegression::tree),
          new Stages.Maker<>(RandomForestRegressionModel.class, TreeRegression::forest),
          new Stages.Maker<>(GBTRegressionModel.class, TreeRegression::boosted),
          new Stages.Maker<>(IsotonicRegressionModel.class, Isotonic::of),
          new Stages.Maker<>(FMClassificationModel.class, Factorized::of),
          new Stages.Maker<>(FMRegressionModel.class, Factorization::of),
          new Stages.Maker<>(KMeansModel.class, Clusters::of),
          new Stages.Maker<>(BisectingKMeansModel.class, Clusters::of),
          new Stages.Maker<>(GaussianMixtureModel.class, Mixture::of),
          new Stages.Maker<>(NaiveBayesModel.class, Bayes::of),
          new Stages.Maker<>(LinearSVCModel.class, SupportVectors::of),
          new Stages.Maker<>(OneVsRestModel.class, OneAgainstRest::of),
          new Stages.Maker<>(MultilayerPerceptronClassificationModel.class, Perceptron::of));

  private Predictors() {}
}
