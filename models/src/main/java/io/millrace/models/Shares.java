package io.millrace.models;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shares as a job file has them. */
final class Shares {
  private static final Pattern PERCENT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*%");

  private Shares() {}

  /**
   * More than 0 and less than 1.
   *
   * @param example of a share that would do
   * @throws IllegalArgumentException with a sentence, if the text is none
   */
  static double of(String text, String example) {
    Matcher matcher = PERCENT.matcher(text.strip());
    double percent = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
    if (percent <= 0 || percent >= 100) {
      throw new IllegalArgumentException(
          "Expected a share between 0% and 100%, such as " + example + ", found " + text);
    }
    return percent / 100;
  }
}
