package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.ml.PipelineStage;

/** Tells a number. */
public sealed interface Regression extends Learner {
  @Override
  default Task task() {
    return Task.REGRESSION;
  }

  @Doc("A number as a weighted sum of the features")
  record LinearRegression(
      @Doc("Most rounds of the solver") @Default("100") int iterations,
      @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization,
      @Doc("Mix of the penalty: 0 is ridge, 1 is lasso") @Default("0.0") double elasticNet)
      implements Regression {
    public LinearRegression {
      Check.linear(iterations, regularization, elasticNet);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.regression.LinearRegression()
          .setMaxIter(iterations)
          .setRegParam(regularization)
          .setElasticNetParam(elasticNet)
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
    }
  }

  @Doc("A number by one decision tree")
  record DecisionTreeRegression(
      @Doc("Most levels below the root") @Default("5") int depth,
      @Doc("Ranges that a feature is cut into; at least the categories of any indexed one")
          @Default("32")
          int bins,
      @Doc("Fewest training rows in a leaf") @Default("1") int leaf)
      implements Regression {
    public DecisionTreeRegression {
      Check.tree(depth, bins, leaf);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.regression.DecisionTreeRegressor()
          .setMaxDepth(depth)
          .setMaxBins(bins)
          .setMinInstancesPerNode(leaf)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features())
          .setLabelCol(lesson.label());
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
      implements Regression {
    public RandomForestRegression {
      Check.forest(trees, depth, bins, leaf, sample);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.regression.RandomForestRegressor()
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
      implements Regression {
    public GradientBoostedTreesRegression {
      Check.forest(trees, depth, bins, leaf, sample);
      Check.share("step", step);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.regression.GBTRegressor()
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

  @Doc("A number by a linear model of another distribution, such as counts or amounts")
  record GeneralizedLinearRegression(
      @Doc(
              "How the label is distributed: gaussian, binomial for 0 to 1, poisson for counts, gamma"
                  + " for amounts above 0, tweedie for amounts with zeros")
          @Default("gaussian")
          Family family,
      @Doc("What ties the weighted sum to the mean; what the family is used with, if left out")
          Optional<Link> link,
      @Doc("How the variance grows with the mean, for tweedie: 1 to 2 for amounts with zeros")
          Optional<Double> variancePower,
      @Doc("Most rounds of the solver") @Default("25") int iterations,
      @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization)
      implements Regression {
    /** How a label is distributed around its mean. */
    public enum Family {
      GAUSSIAN,
      BINOMIAL,
      POISSON,
      GAMMA,
      TWEEDIE
    }

    /** A function of the mean. */
    public enum Link {
      IDENTITY,
      LOG,
      INVERSE,
      LOGIT,
      PROBIT,
      CLOGLOG,
      SQRT
    }

    public GeneralizedLinearRegression {
      Check.atLeast("iterations", 1, iterations);
      Check.atLeast("regularization", 0, regularization);
      if (variancePower.isPresent() != (family == Family.TWEEDIE)) {
        throw new IllegalArgumentException(
            family == Family.TWEEDIE
                ? "Missing variance-power, which tweedie needs, such as 1.5"
                : "Cannot take variance-power with " + word(family) + ". Leave it out");
      }
      if (link.isPresent() && !links(family).contains(link.get())) {
        throw new IllegalArgumentException(
            "Cannot link "
                + word(family)
                + " by "
                + word(link.get())
                + ". "
                + (family == Family.TWEEDIE
                    ? "Leave link out, which then follows from variance-power"
                    : "It takes " + String.join(", ", names(links(family)))));
      }
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      org.apache.spark.ml.regression.GeneralizedLinearRegression stage =
          new org.apache.spark.ml.regression.GeneralizedLinearRegression()
              .setFamily(word(family))
              .setMaxIter(iterations)
              .setRegParam(regularization)
              .setFeaturesCol(lesson.features())
              .setLabelCol(lesson.label());
      link.ifPresent(name -> stage.setLink(word(name)));
      variancePower.ifPresent(stage::setVariancePower);
      return stage;
    }

    private static Set<Link> links(Family family) {
      return switch (family) {
        case GAUSSIAN, GAMMA -> EnumSet.of(Link.IDENTITY, Link.LOG, Link.INVERSE);
        case BINOMIAL -> EnumSet.of(Link.LOGIT, Link.PROBIT, Link.CLOGLOG);
        case POISSON -> EnumSet.of(Link.LOG, Link.IDENTITY, Link.SQRT);
        case TWEEDIE -> EnumSet.noneOf(Link.class);
      };
    }

    private static List<String> names(Set<Link> links) {
      return links.stream().map(GeneralizedLinearRegression::word).toList();
    }

    private static String word(Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
  }
}
