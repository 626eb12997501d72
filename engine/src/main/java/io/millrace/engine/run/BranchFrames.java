package io.millrace.engine.run;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Branches over the rows of the running batch: with its time, and heard for what they say. */
record BranchFrames(BatchTime time, Notices notices) {

  /**
   * The rows of a branch.
   *
   * @param kept those of the trunk
   */
  Dataset<Row> of(Branch branch, Dataset<Row> kept) {
    return notices.heard(time.pinned(branch.build().apply(kept)));
  }
}
