package io.millrace.engine.spec;

/** One mistake: where, what, and what would work. */
public record Finding(Position at, String path, String sentence) {
  @Override
  public String toString() {
    return at + "  " + (path.isEmpty() ? "" : path + ": ") + sentence;
  }
}
