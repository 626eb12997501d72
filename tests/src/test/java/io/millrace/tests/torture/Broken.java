package io.millrace.tests.torture;

/** The job did what it must not do; the message says what. */
final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1;

  Broken(String message) {
    super(message);
  }
}
