package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import org.apache.spark.ml.PipelineStage;

/** Finds groups of rows that are alike. */
public sealed interface Clustering extends Learner {
  @Override
  default Task task() {
    return Task.CLUSTERING;
  }

  @Doc("Clusters around means")
  record KMeans(
      @Doc("Number of clusters") int clusters, @Doc("Most rounds") @Default("20") int iterations)
      implements Clustering {
    public KMeans {
      Check.grouping(clusters, iterations);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.clustering.KMeans()
          .setK(clusters)
          .setMaxIter(iterations)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features());
    }
  }

  @Doc("Clusters by splitting one in two, again and again")
  record BisectingKMeans(
      @Doc("Number of clusters") int clusters,
      @Doc("Most rounds for each split") @Default("20") int iterations)
      implements Clustering {
    public BisectingKMeans {
      Check.grouping(clusters, iterations);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.clustering.BisectingKMeans()
          .setK(clusters)
          .setMaxIter(iterations)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features());
    }
  }

  @Doc("Clusters as overlapping bell curves, with probabilities")
  record GaussianMixture(
      @Doc("Number of clusters") int clusters, @Doc("Most rounds") @Default("100") int iterations)
      implements Clustering {
    public GaussianMixture {
      Check.grouping(clusters, iterations);
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      return new org.apache.spark.ml.clustering.GaussianMixture()
          .setK(clusters)
          .setMaxIter(iterations)
          .setSeed(lesson.seed())
          .setFeaturesCol(lesson.features());
    }
  }
}
