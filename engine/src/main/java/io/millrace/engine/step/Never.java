package io.millrace.engine.step;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.runtime.AbstractFunction0;

/**
 * False, though the optimizer cannot know it. What stands behind it is computed where it stands:
 * Spark would else compute a part that two conditions share ahead of both, and outside of their
 * {@code try}.
 */
final class Never extends AbstractFunction0<Object> implements Serializable {
  private static final long serialVersionUID = 1;

  static Expression call() {
    return new ScalaUDF(
        new Never(),
        DataTypes.BooleanType,
        Catalyst.seq(List.of()),
        Catalyst.seq(List.of()),
        Option.empty(),
        Option.apply("never"),
        false,
        true);
  }

  @Override
  public Object apply() {
    return false;
  }
}
