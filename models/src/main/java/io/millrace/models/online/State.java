package io.millrace.models.online;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What was learned so far.
 *
 * @param vectors the centers of clusters; of a regression one, with the weights of the features and
 *     behind them the intercept
 * @param counts for how many points each center stands; empty of a regression
 */
public record State(List<List<Double>> vectors, List<Double> counts) {
  public State {
    vectors = vectors.stream().map(List::copyOf).toList();
    counts = List.copyOf(counts);
  }

  /** Whether every number of it is one. */
  public boolean finite() {
    return Stream.concat(vectors.stream().flatMap(List::stream), counts.stream())
        .allMatch(Double::isFinite);
  }

  double[] vector(int number) {
    return doubles(vectors.get(number));
  }

  static List<Double> list(double[] values) {
    return DoubleStream.of(values).boxed().toList();
  }

  static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
