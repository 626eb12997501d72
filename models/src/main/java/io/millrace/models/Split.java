package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.io.Serializable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which rows are held out of the training to measure the model. */
@Doc("Which rows are held out of the training to measure the model")
public record Split(
    @Doc("Column by which the latest rows are held out; else they are drawn at random")
        Optional<String> time,
    @Doc("Share that is held out, such as 20%") @Default("20%") String test,
    @Doc("Seed of the draw; that of the training, if left out") Optional<Long> seed)
    implements Serializable {
  private static final Pattern PERCENT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*%");

  public Split {
    percent(test);
    if (time.isPresent() && seed.isPresent()) {
      throw new IllegalArgumentException(
          "Cannot split by time with a seed: nothing is drawn. Leave out time or seed");
    }
  }

  /** The held-out share, more than 0 and less than 1. */
  double share() {
    return percent(test) / 100;
  }

  private static double percent(String text) {
    Matcher matcher = PERCENT.matcher(text.strip());
    double percent = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
    if (percent <= 0 || percent >= 100) {
      throw new IllegalArgumentException(
          "Expected a share between 0% and 100%, such as 20%, found " + text);
    }
    return percent;
  }
}
