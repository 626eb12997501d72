package io.millrace.models;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** A figure of a column that is above its bound. */
record Excess(DriftFigure figure, Drift drift, double bound) {

  /**
   * Those among columns, the one that is most above its bound first.
   *
   * @param eased the part of each bound that counts
   */
  static List<Excess> of(List<Drift> drifts, DriftBounds bounds, double eased) {
    List<Excess> found = new ArrayList<>();
    for (Drift drift : drifts) {
      for (DriftFigure figure : DriftFigure.values()) {
        OptionalDouble bound = bounds.of(figure);
        OptionalDouble value = figure.of(drift);
        if (bound.isPresent()
            && value.isPresent()
            && Math.abs(value.getAsDouble()) > eased * bound.getAsDouble()) {
          found.add(new Excess(figure, drift, bound.getAsDouble()));
        }
      }
    }
    found.sort(Comparator.comparingDouble(Excess::height).reversed());
    return found;
  }

  private double value() {
    return figure.of(drift).orElse(0);
  }

  private double height() {
    return Math.abs(value()) / bound;
  }

  /** Its name among the figures: {@code psi.amount}. */
  String name() {
    return figure.word() + "." + drift.column();
  }

  /** A few words: {@code drift of amount psi 0.31}. */
  String brief() {
    return "drift of " + drift.column() + " " + figure.word() + " " + figure.text(value());
  }

  /** A clause with the bound. */
  String clause() {
    return figure.clause(drift) + ", and the bound is " + figure.text(bound);
  }
}
