package io.millrace.models;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** What tasks tell of the rows that a step scores. */
record ScoreFigures(List<String> outputs, Figures sums) implements Serializable {
  private static final int SCORED = 0;
  private static final int REFUSED = 1;
  private static final int SPLIT = 2;
  private static final int COMPARED = 3;
  private static final int SHADOW_REFUSED = 4;
  private static final int FIRST = 5;

  /** Figures of a step with these outputs, which the tasks of a session add to. */
  static ScoreFigures of(SparkSession spark, List<String> outputs) {
    Figures sums = new Figures(FIRST + 2 * outputs.size());
    spark.sparkContext().register(sums);
    return new ScoreFigures(List.copyOf(outputs), sums);
  }

  /** A row that was taken by the model for a share of the keys, or the main one; scored or not. */
  void scored(boolean split, boolean taken) {
    sums.add(taken ? SCORED : REFUSED, 1);
    if (split) {
      sums.add(SPLIT, 1);
    }
  }

  /** A scored row, and what the shadow says of it, if that takes it. */
  void compared(@Nullable Object[] result, @Nullable Object[] shadow, boolean taken) {
    if (!taken) {
      sums.add(SHADOW_REFUSED, 1);
      return;
    }
    sums.add(COMPARED, 1);
    for (int i = 0; i < outputs.size(); i++) {
      if (Objects.equals(result[i], shadow[i])) {
        sums.add(FIRST + 2 * i, 1);
      } else if (result[i] instanceof Number one && shadow[i] instanceof Number other) {
        sums.add(FIRST + 2 * i + 1, Math.abs(one.doubleValue() - other.doubleValue()));
      }
    }
  }

  /**
   * Rows that were scored and refused, and by the model for a share; of the shadow's rows, the
   * share for which each output is equal, and the mean of how far it is off.
   */
  Map<String, Double> told() {
    double[] all = sums.value();
    Map<String, Double> told = new LinkedHashMap<>();
    told.put("scored", all[SCORED]);
    told.put("refused", all[REFUSED]);
    told.put("split.rows", all[SPLIT]);
    told.put("shadow.rows", all[COMPARED]);
    told.put("shadow.refused", all[SHADOW_REFUSED]);
    for (int i = 0; i < outputs.size() && all[COMPARED] > 0; i++) {
      told.put("shadow.equal." + outputs.get(i), all[FIRST + 2 * i] / all[COMPARED]);
      told.put("shadow.difference." + outputs.get(i), all[FIRST + 2 * i + 1] / all[COMPARED]);
    }
    return told;
  }
}
