package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/** How a step watches whether its rows still look like those that its model learned from. */
public record DriftSettings(
    @Doc("Rows that figures are taken over: those of the newest batches that have so many together")
        @Default("10000")
        int over,
    @Doc("Rows below which nothing is told, as few rows lie anyhow") @Default("1000") int least,
    @Doc("Figures above which the log warns; without it psi 0.25, ks 0.2, nulls 5% and unseen 5%")
        Optional<DriftBounds> warn,
    @Doc("Figures above which the job stops behind a batch, which is delivered")
        Optional<DriftBounds> stop,
    @Doc("Features that are not watched, such as one that grows with time") List<String> except)
    implements Serializable {
  public DriftSettings {
    except = List.copyOf(except);
    if (least < 1) {
      throw new IllegalArgumentException("Expected a number of rows above 0 for least");
    }
    if (over < least) {
      throw new IllegalArgumentException(
          "Cannot take figures over " + over + " rows, fewer than least, which is " + least);
    }
  }

  /** What a plan says of it. */
  String told(StoredModel stored, List<Output> outputs) {
    List<String> unwatched = Watching.unwatched(stored, outputs);
    return "drift since the training is measured over the newest "
        + over
        + " rows, warns above "
        + warned()
        + stop.map(bounds -> " and stops the job above " + bounds).orElse("")
        + (unwatched.isEmpty()
            ? ""
            : "; of the scores, "
                + String.join(", ", unwatched)
                + " is not among the outputs, and not watched");
  }

  /** The bounds of warnings. */
  DriftBounds warned() {
    return warn.orElse(DriftBounds.CUSTOMARY);
  }
}
