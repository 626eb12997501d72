package io.millrace.models;

import io.millrace.engine.spi.Doc;
import java.io.Serializable;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Figures of a column that are too many. What is not given has no bound. */
public record DriftBounds(
    @Doc("Population stability index; by custom more than 0.25 is a great change")
        Optional<Double> psi,
    @Doc("Kolmogorov-Smirnov distance of numbers, between 0 and 1") Optional<Double> ks,
    @Doc("How far the share of nulls is off that of the training, such as 5%")
        Optional<String> nulls,
    @Doc("Share of values that the training did not have, such as 1%") Optional<String> unseen)
    implements Serializable {
  private static final String EXAMPLE = "5%";

  static final DriftBounds CUSTOMARY =
      new DriftBounds(
          Optional.of(0.25), Optional.of(0.2), Optional.of(EXAMPLE), Optional.of(EXAMPLE));

  public DriftBounds {
    psi.ifPresent(bound -> check("psi", bound, Double.MAX_VALUE));
    ks.ifPresent(bound -> check("ks", bound, 1));
    nulls.ifPresent(DriftBounds::share);
    unseen.ifPresent(DriftBounds::share);
    if (psi.isEmpty() && ks.isEmpty() && nulls.isEmpty() && unseen.isEmpty()) {
      throw new IllegalArgumentException("Needs at least one figure, such as psi: 0.25");
    }
  }

  private static void check(String name, double bound, double most) {
    if (!(bound > 0 && bound <= most)) {
      throw new IllegalArgumentException(
          "Expected a number above 0"
              + (most == 1 ? " and up to 1" : "")
              + " for "
              + name
              + ", found "
              + bound);
    }
  }

  private static double share(String text) {
    return Shares.of(text, EXAMPLE);
  }

  /** As a person writes it: {@code psi 0.25, nulls 5%}. */
  @Override
  public String toString() {
    return Stream.of(
            psi.map(bound -> "psi " + bound),
            ks.map(bound -> "ks " + bound),
            nulls.map(bound -> "nulls " + bound),
            unseen.map(bound -> "unseen " + bound))
        .flatMap(Optional::stream)
        .collect(Collectors.joining(", "));
  }

  /** The bound of a figure; empty where it has none. */
  OptionalDouble of(DriftFigure figure) {
    Optional<Double> bound =
        switch (figure) {
          case PSI -> psi;
          case KS -> ks;
          case NULLS -> nulls.map(DriftBounds::share);
          case UNSEEN -> unseen.map(DriftBounds::share);
        };
    return bound.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }
}
