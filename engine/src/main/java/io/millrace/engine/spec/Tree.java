package io.millrace.engine.spec;

import java.util.List;
import java.util.Map;

/** A YAML document with its positions. Variables are already replaced. */
public sealed interface Tree {
  Position at();

  /** What a scalar is by the core schema of YAML 1.2. */
  enum Type {
    TEXT,
    WHOLE,
    DECIMAL,
    TRUTH,
    NOTHING
  }

  /**
   * A scalar.
   *
   * @param text the value, variables replaced
   * @param written the value as it is written, with its {@code ${...}}
   * @param start where the first character of the value stands: behind an opening quote, or in the
   *     first line below a block indicator
   */
  record Leaf(Position at, String text, String written, Type type, Position start) implements Tree {

    /** Where a line and column of the text (both from 1) stand in the file. */
    public Position inside(int line, int column) {
      int shift = line == 1 || block() ? start.column() - 1 : 0;
      return new Position(at.file(), start.line() + line - 1, shift + column);
    }

    private boolean block() {
      return start.line() > at.line();
    }
  }

  record Items(Position at, List<Tree> items) implements Tree {}

  /** A map; {@code fields} keeps the order of the file. */
  record Fields(Position at, Map<String, Field> fields) implements Tree {}

  /** A key of a map, where it stands, and its value. */
  record Field(Position at, Tree value) {}
}
