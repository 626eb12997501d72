package io.millrace.sinks.encode;

/** A value that has no place in what is sent: its row's own fault. The message is a sentence. */
public final class UnfitValue extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnfitValue(String sentence) {
    super(sentence, null, false, false);
  }
}
