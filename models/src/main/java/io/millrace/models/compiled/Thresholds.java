package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * How the class is chosen from numbers for each.
 *
 * @param values what the probabilities are divided by before the greatest wins, or null
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Thresholds(double @Nullable [] values) implements Serializable {

  /** Those of a model, if it has any. */
  static Thresholds of(ProbabilisticClassificationModel<Vector, ?> model) throws Uncompiled {
    if (!model.isDefined(model.thresholds())) {
      return new Thresholds(null);
    }
    double[] values = model.getThresholds();
    if (values.length != model.numClasses()) {
      throw new Uncompiled(
          "%d thresholds are set for %d classes".formatted(values.length, model.numClasses()));
    }
    return new Thresholds(values);
  }

  /** The class by probabilities. */
  double byProbabilities(double[] probabilities) {
    return values == null ? greatest(probabilities) : greatest(probabilities, values);
  }

  /** The class by raw predictions, which stay as they are. */
  double byRaw(double[] raw, Classifier classifier) {
    if (values == null) {
      return greatest(raw);
    }
    double[] probabilities = raw.clone();
    classifier.probabilities(probabilities);
    return greatest(probabilities, values);
  }

  /** The first that none is greater than; the first of all if that is not a number. */
  static int greatest(double[] numbers) {
    int greatest = 0;
    for (int i = 1; i < numbers.length; i++) {
      if (numbers[i] > numbers[greatest]) {
        greatest = i;
      }
    }
    return greatest;
  }

  private static int greatest(double[] numbers, double[] divisors) {
    int greatest = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < numbers.length; i++) {
      double scaled = numbers[i] / divisors[i];
      if (scaled > most) {
        most = scaled;
        greatest = i;
      }
    }
    return greatest;
  }
}
