package io.millrace.engine.plan;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What comes to a job, as its user expects it.
 *
 * @param rates rows of each source, in a second of event time
 * @param values how many different values columns have
 * @param bytes how long the values of columns are that are texts, binary or lists
 * @param shares how many rows steps let through of each that comes to them; 1 if nobody says
 * @param states how many bytes the classes of steps keep of a key
 * @param every how often a batch begins; what one brings stays until the next
 */
public record Load(
    Map<String, Double> rates,
    Map<String, Long> values,
    Map<String, Integer> bytes,
    Map<String, Double> shares,
    Map<String, Integer> states,
    Duration every) {
  private static final int USUAL_BYTES = 16;

  /**
   * @throws IllegalArgumentException with a sentence, if a number is none that can be
   */
  public Load {
    rates = checked("rate", rates, 0);
    values = checked("keys", values, 1);
    bytes = checked("bytes", bytes, 0);
    shares = checked("keep", shares, 0);
    states = checked("state", states, 0);
  }

  private static <N extends Number> Map<String, N> checked(
      String flag, Map<String, N> numbers, int least) {
    numbers.forEach(
        (name, number) -> {
          double value = number.doubleValue();
          if (!(value >= least) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                "Expected a number of %d or more in --%s %s, found %s"
                    .formatted(least, flag, name, number));
          }
        });
    return Map.copyOf(numbers);
  }

  /** How many bytes the value of a column of no fixed length has. */
  int bytes(String column) {
    return bytes.getOrDefault(column, USUAL_BYTES);
  }

  /** How many rows a step, or a part of one, lets through of each that comes to it. */
  double share(String step) {
    return shares.getOrDefault(step, 1.0);
  }

  /** Whether it is told how many values all of these columns have. */
  boolean tells(List<String> columns) {
    return values.keySet().containsAll(columns);
  }

  /** How many different values of these columns there are; without end if nobody says. */
  double all(List<String> columns) {
    return tells(columns)
        ? columns.stream().mapToDouble(values::get).reduce(1, (one, other) -> one * other)
        : Double.POSITIVE_INFINITY;
  }

  /**
   * How many different values so many rows have, if each is as likely as any other: of {@code n}
   * values, {@code n (1 - exp(-rows / n))}. Each row has its own where nobody says how many there
   * are.
   */
  double among(List<String> columns, double rows) {
    double all = all(columns);
    return Double.isInfinite(all) ? rows : all * -Math.expm1(-rows / all);
  }
}
