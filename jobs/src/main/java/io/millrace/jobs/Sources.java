package io.millrace.jobs;

import io.millrace.engine.run.Audit;

/** Which place has accounts of what, in a line. */
final class Sources {
  private Sources() {}

  static String line(Audit.Source source) {
    return "accounts of batches %d to %d%s in %s"
        .formatted(
            source.first(),
            source.last(),
            source.shown() ? "" : " of another checkpoint, with the id " + source.queryId() + ",",
            source.place());
  }
}
