package io.millrace.engine.spi;

import java.util.List;

/** Finds the records that refused rows of the running batch came from. */
@FunctionalInterface
public interface Tracing {
  /** Where nobody looks. */
  Tracing NONE = rejects -> rejects;

  /**
   * The same rejects in the same order, each with its record where there is one and it can be
   * found. Reads the source once more where there is any.
   */
  List<Reject> trace(List<Reject> rejects);
}
