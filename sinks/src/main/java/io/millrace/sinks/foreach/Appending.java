package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Writing;

/** What a user's class may be asked for. */
final class Appending {
  private Appending() {}

  /** The toolkit cannot know what a user's class does with a batch that comes again. */
  static Guarantee guarantee(Writing how) {
    how.onlyAppends("through a class: it gets the rows and decides itself. Use write: append");
    return Guarantee.AT_LEAST_ONCE;
  }
}
