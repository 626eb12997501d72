package io.millrace.engine.plan;

import io.millrace.engine.spi.Mode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;

/**
 * What Spark's analyzer says about a job before Spark runs.
 *
 * @param plans the analysed plan of each source and step, dead letters still among its rows; empty
 *     where only a running Spark can know it, or where it has a mistake
 * @param outputs the rows that each sink gets, dead letters and rows that its condition refuses
 *     taken out
 * @param stateful the steps that keep rows or keys from one batch to the next
 * @param modes the output modes that the path of each sink allows; a sink whose path is not known
 *     is not in it
 */
public record Analysis(
    Map<String, Optional<LogicalPlan>> plans,
    Map<String, Optional<LogicalPlan>> outputs,
    Set<String> stateful,
    Map<String, Set<Mode>> modes) {

  /** The columns that a source or step gives, if they are known. */
  public Optional<StructType> schema(String node) {
    return plans.getOrDefault(node, Optional.empty()).map(LogicalPlan::schema);
  }

  /** The columns that a sink gets, if they are known. */
  public Optional<StructType> rows(String sink) {
    return outputs.getOrDefault(sink, Optional.empty()).map(LogicalPlan::schema);
  }

  /** The columns of a source or step that carry a watermark. */
  public List<String> watermarks(String node) {
    return plans.getOrDefault(node, Optional.empty()).stream()
        .flatMap(plan -> AnalysisState.watermarks(plan).stream())
        .toList();
  }
}
