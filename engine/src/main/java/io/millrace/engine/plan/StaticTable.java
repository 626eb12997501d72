package io.millrace.engine.plan;

import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import java.time.Duration;
import java.util.Optional;

/** What a job says of a source that is a table and no stream. */
public record StaticTable(
    @Doc(
            "When a running job reads it again: after a time, such as 10m; or on-change, looked for"
                + " before each batch, which delta and files can tell. Left out, a start reads it"
                + " once.")
        Optional<String> refresh,
    @Doc(
            "For how long the job goes on with the rows of before while the table cannot be read"
                + " again; then it stops. 1h if left out; 0s stops at once.")
        Optional<Duration> retry) {
  private static final String ON_CHANGE = "on-change";
  private static final Duration RETRY = Duration.ofHours(1);

  /** When it is read again. */
  public sealed interface Refresh {
    /** Not before the next start. */
    record Never() implements Refresh {}

    /** When so long ago it was last known to be as it is. */
    record Every(Duration time) implements Refresh {}

    /** When its version is another one. */
    record OnChange() implements Refresh {}
  }

  /** Checks the texts. */
  public StaticTable {
    if (refresh.isEmpty() && retry.isPresent()) {
      throw new IllegalArgumentException(
          "Cannot use retry alone: a table that is not read again has none. Write refresh: 10m too,"
              + " or leave retry out");
    }
    refresh.filter(text -> !text.equals(ON_CHANGE)).ifPresent(StaticTable::every);
  }

  /** One that a start reads once. */
  public static StaticTable once() {
    return new StaticTable(Optional.empty(), Optional.empty());
  }

  public Refresh again() {
    if (refresh.isEmpty()) {
      return new Refresh.Never();
    }
    return refresh.get().equals(ON_CHANGE) ? new Refresh.OnChange() : every(refresh.get());
  }

  /** For how long the rows of before do. */
  public Duration patience() {
    return retry.orElse(RETRY);
  }

  /** In words, behind the name of the table. */
  String told() {
    if (again() instanceof Refresh.Never) {
      return "a table, read at the start";
    }
    return "a table, read again "
        + (again() instanceof Refresh.Every every
            ? "every " + Durations.text(every.time())
            : "when it has changed")
        + ", for up to "
        + Durations.text(patience())
        + " as it was where that fails";
  }

  private static Refresh.Every every(String text) {
    Tree.Leaf leaf = new Tree.Leaf(Position.JAVA, text, text, Tree.Type.TEXT, Position.JAVA);
    try {
      Duration time = (Duration) Converters.convert(Shape.Scalar.DURATION, leaf);
      if (time.isZero()) {
        throw new IllegalArgumentException(
            "Expected a refresh of more than 0s. Write on-change to look before each batch");
      }
      return new Refresh.Every(time);
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          said.replaceFirst("^Expected a duration", "Expected on-change or a duration"), e);
    }
  }
}
