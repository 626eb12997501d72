package io.millrace.models;

import java.io.Serializable;

/**
 * A stage of a pipeline as it is written. Stages over single columns come first, then those over
 * all features together, then one that learns.
 */
public sealed interface Stage extends Serializable permits ColumnStage, VectorStage, Learner {
  /** What a stage does with a value that it has not seen in training, null among them. */
  enum Invalid {
    /** The unseen values are a category of their own. */
    KEEP,
    /** The first unseen value stops the training or the job. */
    ERROR
  }
}
