package io.millrace.tests.nexmark;

import java.nio.file.Path;
import java.util.OptionalLong;

/** How a query is run. */
interface Way {
  /**
   * Starts on its checkpoint, and goes on until it has read all that is there.
   *
   * @return the rows of state that it keeps then; empty if it had no batch
   */
  OptionalLong run();

  /** The folder of the checkpoint of its first query. */
  Path checkpoint();
}
