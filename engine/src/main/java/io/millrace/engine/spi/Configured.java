package io.millrace.engine.spi;

import java.util.Map;

/** A class of a user that takes settings from the job. */
public interface Configured {
  /**
   * Called once, right after the object is made, before it is sent anywhere.
   *
   * @throws IllegalArgumentException with a sentence, if a setting is missing or wrong
   */
  void configure(Map<String, String> settings);
}
