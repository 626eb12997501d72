package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.StreamSink;
import java.util.function.Supplier;

/** What a query calls of its sinks. */
final class Sinks {
  private Sinks() {}

  /** Runs a sink's own code; what it throws carries the sink's name. */
  static <T> T named(String sink, Supplier<T> action) {
    try {
      return action.get();
    } catch (Exception e) {
      throw new SinkFailedException(sink, e);
    }
  }

  /** The same without a result. */
  static void named(String sink, Runnable action) {
    named(
        sink,
        () -> {
          action.run();
          return sink;
        });
  }

  /** The sink of an output that gets a frame at a time. */
  static BatchSink batched(Plan.Output output) {
    return output.sink() instanceof StreamSink stream
        ? stream.batched()
        : (BatchSink) output.sink();
  }
}
