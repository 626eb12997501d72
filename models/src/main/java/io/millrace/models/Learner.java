package io.millrace.models;

import org.apache.spark.ml.PipelineStage;

/** The last stage: what learns from the features. */
public sealed interface Learner extends Stage
    permits Classifier, Regression, Clustering, Custom.Stage {
  Task task();

  /** Spark's stage, not yet fitted; it takes no label where the task needs none. */
  PipelineStage stage(Lesson lesson);

  /** Whether it can tell two classes apart and not more. */
  default boolean binary() {
    return false;
  }

  /**
   * What a learner is given.
   *
   * @param features the column with the vector to learn from
   * @param label the column to learn to tell
   * @param width places of the vector
   * @param classes how many there are to tell apart; 0 where no class is told
   */
  record Lesson(String features, String label, int width, int classes, long seed) {}
}
