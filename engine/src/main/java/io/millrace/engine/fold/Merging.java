package io.millrace.engine.fold;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.DeclarativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Aggregate functions over what others have seen: the buffers of one function, which {@link
 * Partial} gives, become its result. Merging is what Spark does with the buffers of its tasks, so
 * the result is the same; the buffer that it keeps is of the same type, too.
 */
public final class Merging {
  private Merging() {}

  /**
   * The function that merges buffers of another.
   *
   * @param parts the columns of a buffer
   */
  public static AggregateFunction of(AggregateFunction function, List<? extends Attribute> parts) {
    Seq<Expression> columns = CollectionConverters.<Expression>asScala(List.copyOf(parts)).toSeq();
    if (function instanceof DeclarativeAggregate declared) {
      return new MergedDeclared(declared, columns);
    }
    if (function instanceof TypedImperativeAggregate<?> typed) {
      return new MergedTyped<>(typed, columns);
    }
    return new MergedImperative((ImperativeAggregate) function, columns);
  }
}
