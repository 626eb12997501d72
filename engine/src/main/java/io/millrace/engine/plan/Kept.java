package io.millrace.engine.plan;

import io.millrace.engine.spi.Keeping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * State of one sort.
 *
 * @param keeping what is kept; a time among its columns is left out where the spacing is known
 * @param spacing how far apart in time rows come whose time the watermark has reached with them, as
 *     those of windows; empty if they come at any time
 * @param rate of how many rows a second it is
 * @param entry bytes of an entry
 * @param row bytes of each row in it
 * @param apart whether each row is an entry of its own
 */
record Kept(
    Keeping keeping,
    Optional<Duration> spacing,
    double rate,
    double entry,
    double row,
    boolean apart) {
  private static final int PARTS = 64;
  private static final double ENDLESS = Double.POSITIVE_INFINITY;

  /** How much there is: entries, and rows in them. */
  record Amount(double entries, double rows) {}

  /** Bytes of so much. */
  double bytes(Amount amount) {
    return (entry == 0 ? 0 : amount.entries() * entry) + (row == 0 ? 0 : amount.rows() * row);
  }

  /**
   * How much of it there is on average.
   *
   * @param behind how far the watermark is behind the newest rows, in seconds
   */
  Amount amount(Load load, double behind) {
    List<String> by = keeping.by();
    if (keeping instanceof Keeping.Rows rows) {
      double held = rows.span().map(span -> rate * (Flow.seconds(span) + behind)).orElse(ENDLESS);
      return new Amount(apart ? held : load.among(by, held), held);
    }
    if (keeping instanceof Keeping.Begun begun) {
      double held = rate * load.share(begun.part()) * Flow.seconds(begun.span());
      return new Amount(load.among(by, rate * behind + held), held);
    }
    if (keeping instanceof Keeping.Firsts firsts) {
      return new Amount(
          count(firsts.of(), load, behind, rows -> load.among(by, rows)),
          count(
              firsts.of(),
              load,
              behind,
              rows -> Math.min(rows, firsts.most() * load.among(by, rows))));
    }
    return new Amount(count(keeping, load, behind, rows -> load.among(by, rows)), 0);
  }

  /**
   * So many of something.
   *
   * @param some how many of it there are among so many rows that belong together
   */
  private double count(Keeping of, Load load, double behind, DoubleUnaryOperator some) {
    if (of instanceof Keeping.Windows windows) {
      return windows(windows, behind, some);
    }
    if (of instanceof Keeping.Sessions sessions) {
      return sessions(sessions, load, behind);
    }
    Optional<Duration> span =
        of instanceof Keeping.Keys keys ? keys.span() : Optional.<Duration>empty();
    if (span.isEmpty()) {
      return some.applyAsDouble(ENDLESS);
    }
    double kept = Flow.seconds(span.get());
    return spacing
        .map(Flow::seconds)
        .map(apart -> some.applyAsDouble(rate * apart) * kept / apart)
        .orElseGet(() -> some.applyAsDouble(rate * (kept + behind)));
  }

  /** Windows of all ages are open, of which those that are full have most groups. */
  private double windows(Keeping.Windows windows, double behind, DoubleUnaryOperator some) {
    double size = Flow.seconds(windows.size());
    double growing = 0;
    for (int part = 0; part < PARTS; part++) {
      growing += some.applyAsDouble(rate * size * (part + 0.5) / PARTS) * size / PARTS;
    }
    double full = some.applyAsDouble(rate * size) * (Flow.seconds(windows.late()) + behind);
    return (growing + full) / Flow.seconds(windows.every());
  }

  /**
   * Of rows that come at random, those that no other of their key follows within the gap end a
   * session, which stays until the watermark has passed it; the others are in one that goes on.
   */
  private double sessions(Keeping.Sessions sessions, Load load, double behind) {
    double gap = Flow.seconds(sessions.gap());
    double going = load.among(sessions.by(), rate * gap);
    double all = load.all(sessions.by());
    double ending = Double.isInfinite(all) ? rate : rate * Math.exp(-rate * gap / all);
    return going + ending * (Flow.seconds(sessions.late()) + behind);
  }
}
