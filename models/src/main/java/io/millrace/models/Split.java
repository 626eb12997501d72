package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.io.Serializable;
import java.util.Optional;

/** Which rows are held out of the training to measure the model. */
@Doc("Which rows are held out of the training to measure the model")
public record Split(
    @Doc("Column by which the latest rows are held out; else they are drawn at random")
        Optional<String> time,
    @Doc("Share that is held out, such as 20%") @Default("20%") String test,
    @Doc("Seed of the draw; that of the training, if left out") Optional<Long> seed)
    implements Serializable {
  private static final String EXAMPLE = "20%";

  public Split {
    double unused = Shares.of(test, EXAMPLE);
    if (time.isPresent() && seed.isPresent()) {
      throw new IllegalArgumentException(
          "Cannot split by time with a seed: nothing is drawn. Leave out time or seed");
    }
  }

  /** The held-out share, more than 0 and less than 1. */
  double share() {
    return Shares.of(test, EXAMPLE);
  }
}
