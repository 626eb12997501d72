package io.millrace.engine.run;

import java.util.Collection;

/** Closes several things, each whatever becomes of the others. */
final class Closing {
  private Closing() {}

  /**
   * Closes all.
   *
   * @throws JobFailedException with the first failure; the others are suppressed in it
   */
  static void all(Collection<? extends AutoCloseable> things) {
    JobFailedException failure = null;
    for (AutoCloseable thing : things) {
      try {
        thing.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new JobFailedException("Cannot close: " + JobFailedException.reason(e), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
