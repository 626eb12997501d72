package io.millrace.engine.fold;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.types.StructType;

/**
 * Aggregates that are kept row by row.
 *
 * @param functions what is aggregated; none is distinct, and those that compute by themselves take
 *     the columns of a row by their numbers
 * @param results the results, over the {@code resultAttribute} of each function
 * @param rows the columns of a row that is told
 * @param types the columns of the results
 */
public record Aggregation(
    List<AggregateExpression> functions,
    List<Expression> results,
    List<Attribute> rows,
    StructType types)
    implements Serializable {
  public Aggregation {
    functions = List.copyOf(functions);
    results = List.copyOf(results);
    rows = List.copyOf(rows);
  }
}
