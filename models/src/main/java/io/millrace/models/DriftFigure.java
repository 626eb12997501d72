package io.millrace.models;

import java.util.Locale;
import java.util.OptionalDouble;

/** What is told of a column. */
enum DriftFigure {
  PSI,
  KS,
  NULLS,
  UNSEEN;

  /** The figure of a column; empty where it has none of the kind. */
  OptionalDouble of(Drift drift) {
    return switch (this) {
      case PSI -> OptionalDouble.of(drift.psi());
      case KS -> drift.ks();
      case NULLS -> OptionalDouble.of(drift.nulls());
      case UNSEEN -> drift.unseen();
    };
  }

  /** Its name, as settings and figures have it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A value of it, for a person. */
  String text(double value) {
    return this == PSI || this == KS ? String.format(Locale.ROOT, "%.2f", value) : percent(value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /** A clause that tells it, and where the values went. */
  String clause(Drift drift) {
    String value = text(of(drift).orElse(0));
    return switch (this) {
      case PSI, KS -> "%s of %s is %s%s".formatted(word(), drift.column(), value, grown(drift));
      case NULLS ->
          "the share of rows without %s is %s off that of the training"
              .formatted(drift.column(), value);
      case UNSEEN ->
          "%s of the values of %s were not seen in training".formatted(value, drift.column());
    };
  }

  private static String grown(Drift drift) {
    Drift.Share share = drift.grown();
    return " ("
        + percent(share.now())
        + " of its values are "
        + share.values()
        + ", in training "
        + percent(share.learned())
        + ")";
  }
}
