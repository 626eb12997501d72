package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import org.apache.spark.ml.PipelineStage;

/** The last stage: what learns from the features. */
public sealed interface Learner extends Stage {
  Task task();

  /** Spark's stage, not yet fitted; it takes no label where the task needs none. */
  PipelineStage stage(String features, String label, long seed);

  /** Whether it can tell two classes apart and not more. */
  default boolean binary() {
    return false;
  }

  @Doc("Classes by a linear boundary, with probabilities")
  record LogisticRegression(
      @Doc("Most rounds of the solver") @Default("100") int iterations,
      @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization,
      @Doc("Mix of the penalty: 0 is ridge, 1 is lasso") @Default("0.0") double elasticNet)
      implements Learner {
    public LogisticRegression {
      linear(iterations, regularization, elasticNet);
    }

    @Override
    public Task task() {
      return Task.CLASSIFICATION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.classification.LogisticRegression()
          .setMaxIter(iterations)
          .setRegParam(regularization)
          .setElasticNetParam(elasticNet)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("Classes by Gaussian naive Bayes: each feature by itself has a bell curve in each class")
  record NaiveBayes() implements Learner {
    @Override
    public Task task() {
      return Task.CLASSIFICATION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.classification.NaiveBayes()
          .setModelType("gaussian")
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("Classes by one decision tree")
  record DecisionTree(
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf)
      implements Learner {
    public DecisionTree {
      tree(depth, bins, leaf);
    }

    @Override
    public Task task() {
      return Task.CLASSIFICATION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.classification.DecisionTreeClassifier()
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSeed(seed)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("Classes by the vote of many decision trees")
  record RandomForest(
      @Doc("Number of trees") @Default("20") int trees,
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf,
      @Doc("Share of the training rows that a tree sees") @Default("1.0") double sample)
      implements Learner {
    public RandomForest {
      forest(trees, depth, bins, leaf, sample);
    }

    @Override
    public Task task() {
      return Task.CLASSIFICATION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.classification.RandomForestClassifier()
          .setNumTrees(trees)
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSubsamplingRate(sample)
          .setSeed(seed)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("Two classes by trees that each correct the ones before")
  record GradientBoostedTrees(
      @Doc("Number of trees") @Default("20") int trees,
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf,
      @Doc("Weight of each tree's correction") @Default("0.1") double step,
      @Doc("Share of the training rows that a tree sees") @Default("1.0") double sample)
      implements Learner {
    public GradientBoostedTrees {
      forest(trees, depth, bins, leaf, sample);
      Check.share("step", step);
    }

    @Override
    public Task task() {
      return Task.CLASSIFICATION;
    }

    @Override
    public boolean binary() {
      return true;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.classification.GBTClassifier()
          .setMaxIter(trees)
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setStepSize(step)
          .setSubsamplingRate(sample)
          .setSeed(seed)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("A number as a weighted sum of the features")
  record LinearRegression(
      @Doc("Most rounds of the solver") @Default("100") int iterations,
      @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization,
      @Doc("Mix of the penalty: 0 is ridge, 1 is lasso") @Default("0.0") double elasticNet)
      implements Learner {
    public LinearRegression {
      linear(iterations, regularization, elasticNet);
    }

    @Override
    public Task task() {
      return Task.REGRESSION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.regression.LinearRegression()
          .setMaxIter(iterations)
          .setRegParam(regularization)
          .setElasticNetParam(elasticNet)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("A number by one decision tree")
  record DecisionTreeRegression(
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf)
      implements Learner {
    public DecisionTreeRegression {
      tree(depth, bins, leaf);
    }

    @Override
    public Task task() {
      return Task.REGRESSION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.regression.DecisionTreeRegressor()
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSeed(seed)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("A number by the mean of many decision trees")
  record RandomForestRegression(
      @Doc("Number of trees") @Default("20") int trees,
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf,
      @Doc("Share of the training rows that a tree sees") @Default("1.0") double sample)
      implements Learner {
    public RandomForestRegression {
      forest(trees, depth, bins, leaf, sample);
    }

    @Override
    public Task task() {
      return Task.REGRESSION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.regression.RandomForestRegressor()
          .setNumTrees(trees)
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSubsamplingRate(sample)
          .setSeed(seed)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("A number by trees that each correct the ones before")
  record GradientBoostedTreesRegression(
      @Doc("Number of trees") @Default("20") int trees,
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf,
      @Doc("Weight of each tree's correction") @Default("0.1") double step,
      @Doc("Share of the training rows that a tree sees") @Default("1.0") double sample)
      implements Learner {
    public GradientBoostedTreesRegression {
      forest(trees, depth, bins, leaf, sample);
      Check.share("step", step);
    }

    @Override
    public Task task() {
      return Task.REGRESSION;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.regression.GBTRegressor()
          .setMaxIter(trees)
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setStepSize(step)
          .setSubsamplingRate(sample)
          .setSeed(seed)
          .setFeaturesCol(features)
          .setLabelCol(label);
    }
  }

  @Doc("Clusters around means")
  record KMeans(
      @Doc("Number of clusters") int clusters, @Doc("Most rounds") @Default("20") int iterations)
      implements Learner {
    public KMeans {
      grouping(clusters, iterations);
    }

    @Override
    public Task task() {
      return Task.CLUSTERING;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.clustering.KMeans()
          .setK(clusters)
          .setMaxIter(iterations)
          .setSeed(seed)
          .setFeaturesCol(features);
    }
  }

  @Doc("Clusters by splitting one in two, again and again")
  record BisectingKMeans(
      @Doc("Number of clusters") int clusters,
      @Doc("Most rounds for each split") @Default("20") int iterations)
      implements Learner {
    public BisectingKMeans {
      grouping(clusters, iterations);
    }

    @Override
    public Task task() {
      return Task.CLUSTERING;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.clustering.BisectingKMeans()
          .setK(clusters)
          .setMaxIter(iterations)
          .setSeed(seed)
          .setFeaturesCol(features);
    }
  }

  @Doc("Clusters as overlapping bell curves, with probabilities")
  record GaussianMixture(
      @Doc("Number of clusters") int clusters, @Doc("Most rounds") @Default("100") int iterations)
      implements Learner {
    public GaussianMixture {
      grouping(clusters, iterations);
    }

    @Override
    public Task task() {
      return Task.CLUSTERING;
    }

    @Override
    public PipelineStage stage(String features, String label, long seed) {
      return new org.apache.spark.ml.clustering.GaussianMixture()
          .setK(clusters)
          .setMaxIter(iterations)
          .setSeed(seed)
          .setFeaturesCol(features);
    }
  }

  private static void linear(int iterations, double regularization, double elasticNet) {
    Check.atLeast("iterations", 1, iterations);
    Check.atLeast("regularization", 0, regularization);
    Check.between("elastic-net", 0, 1, elasticNet);
  }

  private static void tree(int depth, int bins, int leaf) {
    Check.between("depth", 0, 30, depth);
    Check.atLeast("bins", 2, bins);
    Check.atLeast("leaf", 1, leaf);
  }

  private static void forest(int trees, int depth, int bins, int leaf, double sample) {
    Check.atLeast("trees", 1, trees);
    tree(depth, bins, leaf);
    Check.share("sample", sample);
  }

  private static void grouping(int clusters, int iterations) {
    Check.atLeast("clusters", 2, clusters);
    Check.atLeast("iterations", 1, iterations);
  }
}
