package io.millrace.engine.run;

/** What a sink or the way of its rows threw, on the driver or in a task. */
final class SinkFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String sink;

  SinkFailedException(String sink, Throwable cause) {
    super(cause.getMessage(), cause);
    this.sink = sink;
  }

  String sink() {
    return sink;
  }
}
