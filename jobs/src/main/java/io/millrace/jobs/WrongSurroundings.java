package io.millrace.jobs;

/** Something outside the job is missing or wrong: a file, a port, a process. */
final class WrongSurroundings extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String sentence;

  WrongSurroundings(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  WrongSurroundings(String sentence, Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
  }

  String sentence() {
    return sentence;
  }
}
