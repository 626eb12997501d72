package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spec.Word;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.internal.config.ConfigEntry;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.internal.SQLConf$;

/**
 * The settings of Spark that a job makes, checked as far as Spark SQL knows them: values that it
 * refuses, and names that miss one of its own by a letter or two. All others are Spark's to judge.
 */
final class SparkSettings {
  private static final List<String> WAYS = List.of("", "spark.", "spark.sql.");
  private static final int SLIPS = 2;

  private SparkSettings() {}

  /** The settings without a mistake; the others are findings. */
  static Map<String, String> checked(Map<String, Word> written, Findings findings) {
    Map<String, String> settings = new LinkedHashMap<>();
    written.forEach(
        (key, word) ->
            fault(key, word.text())
                .ifPresentOrElse(
                    sentence -> findings.add(word.at(), "spark." + key, sentence),
                    () -> settings.put(key, word.text())));
    return settings;
  }

  private static Optional<String> fault(String key, String value) {
    if (!SQLConf$.MODULE$.containsConfigKey(key)) {
      return known(key)
          .map(near -> "Unknown setting of Spark '" + key + "'. Did you mean '" + near + "'?");
    }
    try {
      new SQLConf().setConfString(key, value);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(
          "Cannot set " + key + " to '" + value + "': " + AnalysisSentence.clause(e));
    }
  }

  /** A setting of Spark SQL that was meant, where the way to it may be left out. */
  private static Optional<String> known(String key) {
    List<String> keys =
        SQLConf$.MODULE$.getConfigEntries().stream().<String>map(ConfigEntry::key).toList();
    return WAYS.stream()
        .flatMap(way -> Nearest.within(SLIPS, way + key, keys).stream())
        .findFirst();
  }
}
