package io.millrace.engine.spi;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A step that is one of Spark's own logical plans over its inputs. The same plan is checked before
 * Spark runs and executed when it does, so columns, types and output modes are known early.
 */
public non-sealed interface Planned extends Step {
  /**
   * The unresolved plan. Its columns are resolved by Spark's analyzer afterwards.
   *
   * @throws IllegalArgumentException with a sentence, if a setting cannot be parsed
   */
  LogicalPlan plan(List<Input> inputs);

  /** The names that it reads, where its settings say so; else it reads what {@code from} names. */
  default Optional<List<String>> reads() {
    return Optional.empty();
  }

  /**
   * Whether it passes every dead letter on untouched, so that rows behind it can still be told
   * apart. A step that answers no never sees a dead letter.
   */
  default boolean keepsDead() {
    return false;
  }

  /** An input: the name that the job gives it, and its plan. */
  record Input(String name, LogicalPlan plan) {}
}
