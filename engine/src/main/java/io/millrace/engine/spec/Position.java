package io.millrace.engine.spec;

/** A place in a job file; line and column count from 1. A job built in Java stands at line 0. */
public record Position(String file, int line, int column) {
  public static final Position JAVA = new Position("java", 0, 0);

  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }
}
