package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.internal.SQLConf;

/**
 * Checks columns, types and output modes of a job with Spark's own parser and analyzer, without a
 * Spark session. What only a running Spark can know is left out without a word.
 */
public final class Analyzer {
  private final AnalysisPlaces places;
  private final SQLConf settings;

  /**
   * @param spark Spark settings of the job
   * @throws IllegalArgumentException if a setting of Spark SQL has a value that Spark refuses
   */
  public Analyzer(AnalysisPlaces places, Map<String, String> spark) {
    this.places = places;
    this.settings = new SQLConf();
    spark.forEach(
        (key, value) -> {
          if (key.startsWith("spark.sql.") && !key.startsWith("spark.sql.catalog.")) {
            settings.setConfString(key, value);
          }
        });
  }

  /** Whether the inputs go on for ever. */
  public enum Run {
    STREAM,
    /** Every input is read once, as a table. */
    BATCH
  }

  /**
   * Analyses what leads from the inputs to the outputs.
   *
   * @param stages in any order; the names in {@code from} exist and make no cycle
   */
  public Analysis analyze(
      List<Plan.Input> inputs,
      List<Plan.Stage> stages,
      List<Plan.Output> outputs,
      Run run,
      Findings findings) {
    AnalysisCatalyst catalyst = new AnalysisCatalyst(settings);
    return catalyst.inside(
        () -> {
          AnalysisReport report = new AnalysisReport(places, findings);
          AnalysisWalk walk = new AnalysisWalk(inputs, stages, run, catalyst, report);
          AnalysisSinks sinks = new AnalysisSinks(walk, run, report);
          outputs.forEach(sinks::check);
          return new Analysis(walk.plans(), sinks.rows(), walk.stateful(), sinks.modes());
        });
  }
}
