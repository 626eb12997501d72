package io.millrace.engine.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A YAML document with its positions. Variables are already replaced. */
public sealed interface Tree {
  Position at();

  /** What a scalar is by the core schema of YAML 1.2. */
  enum Type {
    TEXT,
    WHOLE,
    DECIMAL,
    TRUTH,
    NOTHING,
    /** A reference in it leads nowhere: that is told, and what it would be is not known. */
    BROKEN,
    /** The same where nothing rests on it: any value that fits will do. */
    UNSET
  }

  /**
   * A scalar.
   *
   * @param text the value, variables replaced
   * @param written the value as it is written, with its {@code ${...}}
   * @param start where the first character of the value stands: behind an opening quote, or in the
   *     first line below a block indicator
   * @param runs where the pieces of the text stand, in their order
   */
  record Leaf(Position at, String text, String written, Type type, Position start, List<Run> runs)
      implements Tree {

    /** A scalar whose lines stand in the file as they do in the text. */
    public Leaf(Position at, String text, String written, Type type, Position start) {
      this(at, text, written, type, start, Run.lines(text, at, start));
    }

    /** Where a line and column of the text (both from 1) stand in the file. */
    public Position inside(int line, int column) {
      int offset = 0;
      for (int i = 1; i < line && text.indexOf('\n', offset) >= 0; i++) {
        offset = text.indexOf('\n', offset) + 1;
      }
      return Run.find(runs, offset + column - 1).orElse(start);
    }
  }

  /**
   * A piece of a scalar that stands in one line of the file.
   *
   * @param offset of the piece in the text
   * @param length of the piece in the file; 0 for the value of a variable
   */
  record Run(int offset, int length, Position at) {

    /** Where an offset stands; between two runs, at the end of the one before. */
    static Optional<Position> find(List<Run> runs, int offset) {
      Optional<Run> before =
          runs.stream().filter(run -> run.offset <= offset).reduce((one, next) -> next);
      return before.or(() -> runs.stream().findFirst()).map(run -> run.position(offset));
    }

    private Position position(int index) {
      int shift = at.line() == 0 ? 0 : Math.max(0, Math.min(length, index - offset));
      return new Position(at.file(), at.line(), at.column() + shift);
    }

    private static List<Run> lines(String text, Position at, Position start) {
      if (start.line() == 0) {
        return List.of(new Run(0, 0, start));
      }
      List<Run> runs = new ArrayList<>();
      int offset = 0;
      for (String line : text.split("\n", -1)) {
        boolean shifted = runs.isEmpty() || start.line() > at.line();
        int column = shifted ? start.column() : 1;
        Position place = new Position(start.file(), start.line() + runs.size(), column);
        runs.add(new Run(offset, line.length(), place));
        offset += line.length() + 1;
      }
      return List.copyOf(runs);
    }
  }

  record Items(Position at, List<Tree> items) implements Tree {}

  /** A map; {@code fields} keeps the order of the file. */
  record Fields(Position at, Map<String, Field> fields) implements Tree {}

  /** A key of a map, where it stands, and its value. */
  record Field(Position at, Tree value) {}
}
