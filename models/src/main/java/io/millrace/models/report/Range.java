package io.millrace.models.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The values that an axis shows. */
public record Range(double least, double most) {
  private static final int TICKS = 5;

  public Range {
    if (!(least < most) || !Double.isFinite(most - least)) {
      throw new IllegalArgumentException(
          "Expected a range of finite values, found " + least + " to " + most);
    }
  }

  /** A share, a probability. */
  public static Range unit() {
    return new Range(0, 1);
  }

  /** A range that holds these values, and some space around them. */
  public static Range around(DoubleStream values) {
    double[] finite = values.filter(Double::isFinite).toArray();
    double least = DoubleStream.of(finite).min().orElse(0);
    double most = DoubleStream.of(finite).max().orElse(1);
    double space = most > least ? (most - least) / 20 : Math.max(1, Math.abs(most)) / 2;
    return new Range(least - space, most + space);
  }

  /** Where a value is: 0 at the least one, 1 at the most. */
  double share(double value) {
    return (value - least) / (most - least);
  }

  /** Round values to write at the axis. */
  List<Double> ticks() {
    double step = step();
    List<Double> ticks = new ArrayList<>();
    for (double i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A tick as it is written: no more places than the steps between them need. */
  String text(double tick) {
    int places = (int) Math.max(0, Math.ceil(-Math.log10(step()) - 1e-9));
    return places > 6 || Math.abs(tick) >= 1e7
        ? String.format(Locale.ROOT, "%.2g", tick)
        : String.format(Locale.ROOT, "%." + places + "f", tick + 0.0);
  }

  /** 1, 2 or 5 times a power of ten. */
  private double step() {
    double rough = (most - least) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    if (digit <= 1) {
      return power;
    }
    return digit <= 2 ? 2 * power : digit <= 5 ? 5 * power : 10 * power;
  }
}
