package io.millrace.engine.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkThrowable;

/** Says in plain words why Spark does not stream a plan. */
final class AnalysisReason {
  private static final Map<String, String> WORDS = words();

  private AnalysisReason() {}

  /** A clause that goes on after a colon. */
  static String of(Exception refusal) {
    String said =
        refusal instanceof SparkThrowable spark
            ? String.join(" ", spark.getMessageParameters().values())
            : String.valueOf(refusal.getMessage());
    return WORDS.entrySet().stream()
        .filter(entry -> said.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseGet(() -> AnalysisSentence.clause(refusal));
  }

  /** Whether Spark misses a watermark below an aggregate. */
  static boolean watermark(Exception refusal) {
    return refusal instanceof SparkThrowable spark
        && spark.getMessageParameters().containsValue("streaming aggregations without watermark");
  }

  private static Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put(
        "streaming aggregations without watermark",
        "it aggregates, and without a watermark among its groups no result is ever final");
    words.put("session window streaming aggregations", "a session is known only when it is over");
    words.put(
        "no streaming aggregations", "it keeps no table of results, for it does not aggregate");
    words.put(
        "Join between two streaming",
        "a join of two streams gives a row once and never changes it");
    words.put(
        "correctness",
        "an aggregate that gives interim results cannot feed another step with state");
    words.put(
        "Distinct aggregations", "a stream has no exact distinct; approx_count_distinct works");
    words.put("Grouping Sets", "a stream has no grouping sets, cube or rollup");
    words.put(
        "Sorting is not supported",
        "a stream can be sorted only behind an aggregate, in mode complete");
    words.put("Limits are not supported", "a limit gives each row once and never changes it");
    words.put("Offset is not supported", "a stream has no offset");
    words.put("Sampling is not supported", "a stream cannot be sampled");
    words.put("Intersect of streaming", "streams cannot be intersected");
    words.put("Except on a streaming", "what is taken away by except must be a table");
    words.put("Union between streaming and batch", "a stream and a table cannot be united");
    words.put("NonTimeWindow", "a stream has no OVER windows; group by window(time, …) instead");
    words.put("without streaming sources", "everything it reads is a table; run it with --batch");
    words.put(
        "dropDuplicatesWithinWatermark is not supported on streaming",
        "it forgets keys by the watermark, and there is none");
    words.put(
        "dropDuplicatesWithinWatermark is not supported with batch",
        "a table has no watermark to forget keys by");
    return words;
  }
}
