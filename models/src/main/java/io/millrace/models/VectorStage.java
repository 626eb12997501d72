package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import org.apache.spark.ml.PipelineStage;

/** Turns the vector of all features into another. */
public sealed interface VectorStage extends Stage
    permits VectorStage.StandardScaler,
        VectorStage.MinMaxScaler,
        VectorStage.RobustScaler,
        VectorStage.Pca,
        Custom.Stage {
  /** Spark's stage from one vector column to another, not yet fitted. */
  PipelineStage stage(String input, String output);

  @Doc("Divides each feature by its standard deviation")
  record StandardScaler(
      @Doc("Subtract the mean first") @Default("true") boolean withMean,
      @Doc("Divide by the standard deviation") @Default("true") boolean withDeviation)
      implements VectorStage {
    @Override
    public PipelineStage stage(String input, String output) {
      return new org.apache.spark.ml.feature.StandardScaler()
          .setInputCol(input)
          .setOutputCol(output)
          .setWithMean(withMean)
          .setWithStd(withDeviation);
    }
  }

  @Doc("Moves each feature into a range by its least and greatest value")
  record MinMaxScaler(
      @Doc("Least value afterwards") @Default("0.0") double min,
      @Doc("Greatest value afterwards") @Default("1.0") double max)
      implements VectorStage {
    public MinMaxScaler {
      if (min >= max) {
        throw new IllegalArgumentException(
            "Expected a min below max, found min " + min + " and max " + max);
      }
    }

    @Override
    public PipelineStage stage(String input, String output) {
      return new org.apache.spark.ml.feature.MinMaxScaler()
          .setInputCol(input)
          .setOutputCol(output)
          .setMin(min)
          .setMax(max);
    }
  }

  @Doc(
      "Divides each feature by the range between two of its quantiles, so that outliers weigh little")
  record RobustScaler(
      @Doc("Lower quantile") @Default("0.25") double lower,
      @Doc("Upper quantile") @Default("0.75") double upper,
      @Doc("Subtract the median first") @Default("true") boolean withCentering)
      implements VectorStage {
    public RobustScaler {
      if (!(lower > 0 && lower < upper && upper < 1)) {
        throw new IllegalArgumentException(
            "Expected 0 < lower < upper < 1, found lower " + lower + " and upper " + upper);
      }
    }

    @Override
    public PipelineStage stage(String input, String output) {
      return new org.apache.spark.ml.feature.RobustScaler()
          .setInputCol(input)
          .setOutputCol(output)
          .setLower(lower)
          .setUpper(upper)
          .setWithCentering(withCentering);
    }
  }

  @Doc("Principal components: fewer features that keep most of the variance")
  record Pca(@Doc("Number of components") int components) implements VectorStage {
    public Pca {
      Check.atLeast("components", 1, components);
    }

    @Override
    public PipelineStage stage(String input, String output) {
      return new org.apache.spark.ml.feature.PCA()
          .setInputCol(input)
          .setOutputCol(output)
          .setK(components);
    }
  }
}
