package io.millrace.engine.spec;

/** A word of the language or a name, and where it stands. */
public record Word(String text, Position at) {
  @Override
  public String toString() {
    return text;
  }
}
