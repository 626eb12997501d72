package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The way from the trunk of a query to one sink.
 *
 * @param build the branch over the trunk's rows
 * @param schema the columns that the sink gets
 * @param path the same for single rows, where it is projections and filters only
 * @param reads the trunk's columns that it needs
 */
record Branch(
    Plan.Output output,
    UnaryOperator<Dataset<Row>> build,
    StructType schema,
    Optional<RowPath> path,
    Set<String> reads) {

  /** The same over a trunk that has only these columns. */
  Branch over(Set<String> columns) {
    return new Branch(
        output,
        rows -> build.apply(Provenance.without(rows)),
        schema,
        path.map(p -> p.over(columns)),
        reads);
  }
}
