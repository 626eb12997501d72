package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.ml.PipelineStage;

/** Tells the class of a row. */
public sealed interface Classifier extends Learner {
  @Override
  default Task task() {
    return Task.CLASSIFICATION;
  }

  @Doc("Classes by a linear boundary, with probabilities")
  record LogisticRegression(
      @Doc("Most rounds of the solver") @Default("100") int iterations,
      @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization,
      @Doc("Mix of the penalty: 0 is ridge, 1 is lasso") @Default("0.0") double elasticNet)
      implements Classifier {
    public LogisticRegression {
      Check.linear(iterations, regularization, elasticNet);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.classification.LogisticRegression()
          .setMaxIter(iterations)
          .setRegParam(regularization)
          .setElasticNetParam(elasticNet)
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
    }
  }

  @Doc("Classes by naive Bayes: each feature tells of the class by itself")
  record NaiveBayes(
      @Doc(
              "What the features are: gaussian numbers, multinomial or complement counts of words,"
                  + " bernoulli zeros and ones")
          @Default("gaussian")
          Type type,
      @Doc("How many rows each value is taken to have been seen in before, for counts")
          @Default("1.0")
          double smoothing)
      implements Classifier {
    /** How a feature is distributed in a class. */
    public enum Type {
      GAUSSIAN,
      MULTINOMIAL,
      COMPLEMENT,
      BERNOULLI
    }

    public NaiveBayes {
      Check.atLeast("smoothing", 0, smoothing);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.classification.NaiveBayes()
          .setModelType(type.name().toLowerCase(Locale.ROOT))
          .setSmoothing(smoothing)
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
    }
  }

  @Doc("Classes by one decision tree")
  record DecisionTree(
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf)
      implements Classifier {
    public DecisionTree {
      Check.tree(depth, bins, leaf);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.classification.DecisionTreeClassifier()
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
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
      implements Classifier {
    public RandomForest {
      Check.forest(trees, depth, bins, leaf, sample);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.classification.RandomForestClassifier()
          .setNumTrees(trees)
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSubsamplingRate(sample)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
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
      implements Classifier {
    public GradientBoostedTrees {
      Check.forest(trees, depth, bins, leaf, sample);
      Check.share("step", step);
    }

    @Override
    public boolean binary() {
      return true;
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.classification.GBTClassifier()
          .setMaxIter(trees)
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setStepSize(step)
          .setSubsamplingRate(sample)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
    }
  }

  @Doc("Two classes by the linear boundary that keeps most distance from both, no probabilities")
  record LinearSvm(
      @Doc("Most rounds of the solver") @Default("100") int iterations,
      @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization)
      implements Classifier {
    public LinearSvm {
      Check.atLeast("iterations", 1, iterations);
      Check.atLeast("regularization", 0, regularization);
    }

    @Override
    public boolean binary() {
      return true;
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.classification.LinearSVC()
          .setMaxIter(iterations)
          .setRegParam(regularization)
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
    }
  }

  @Doc("Classes by a network of layers, each fully connected with the next")
  record MultilayerPerceptron(
      @Doc(
              "Sizes of the layers between the features and the classes, such as [16, 8]; none joins"
                  + " them directly")
          List<Integer> hidden,
      @Doc("Most rounds of the solver") @Default("100") int iterations,
      @Doc("Change below which it has converged") @Default("0.000001") double tolerance)
      implements Classifier {
    public MultilayerPerceptron {
      hidden = List.copyOf(hidden);
      hidden.forEach(size -> Check.atLeast("hidden", 1, size));
      Check.atLeast("iterations", 1, iterations);
      Check.atLeast("tolerance", 0, tolerance);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      IntStream inner = hidden.stream().mapToInt(Integer::intValue);
      return new org.apache.spark.ml.classification.MultilayerPerceptronClassifier()
          .setLayers(
              IntStream.concat(
                      IntStream.concat(IntStream.of(lesson.width()), inner),
                      IntStream.of(lesson.classes()))
                  .toArray())
          .setMaxIter(iterations)
          .setTol(tolerance)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
    }
  }
}
