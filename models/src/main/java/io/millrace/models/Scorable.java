package io.millrace.models;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** A version of a model that scores row by row. It travels to tasks, which share it. */
sealed interface Scorable extends Serializable permits CompiledModel, OnnxModel {
  String version();

  /** The model at work, for one thread, which closes it. */
  Work open();

  /** A model at work on one row after the other. */
  interface Work extends AutoCloseable {
    UTF8String version();

    /**
     * Scores a row, and puts what the step gives into the first places of a result.
     *
     * @return what is wrong with the row; null where it was scored
     */
    @Nullable String score(InternalRow row, @Nullable Object[] result);

    @Override
    void close();
  }
}
