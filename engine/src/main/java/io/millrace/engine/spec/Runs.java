package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/**
 * Finds where the pieces of a scalar stand in its file. Whatever a style folds, joins or escapes,
 * the rest of each line stands in the value as it is written, so a search in order finds it.
 */
final class Runs {
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(x.{2}|u.{4}|U.{8}|.|$)", Pattern.DOTALL);
  private static final Pattern DOUBLED = Pattern.compile("''");
  private static final Pattern NEVER = Pattern.compile("(?!)");
  private static final Pattern PROPERTY = Pattern.compile("\\s*(?:[&!]\\S*|#.*)?");

  private final String file;
  private final List<String> lines;

  Runs(String file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /** A place of the file, counted from 0, columns in characters. */
  private record Spot(int line, int column) {}

  /** Where a scalar begins, behind its anchor. */
  Position at(ScalarEvent event) {
    return position(spot(event));
  }

  /** Where its first character stands, or would stand. */
  Position start(ScalarEvent event, List<Run> runs) {
    Spot spot = spot(event);
    if (block(event)) {
      return runs.isEmpty() ? position(new Spot(spot.line + 1, 0)) : runs.get(0).at();
    }
    return position(new Spot(spot.line, spot.column + quote(event)));
  }

  List<Run> of(ScalarEvent event) {
    List<Run> runs = new ArrayList<>();
    Spot from = spot(event);
    Spot to = spot(event.getEndMark().orElseThrow());
    int indent = block(event) ? indent(event.getValue(), from.line) : 0;
    for (int i = from.line + (block(event) ? 1 : 0);
        i <= Math.min(to.line, lines.size() - 1);
        i++) {
      String line = lines.get(i);
      int start = i == from.line ? from.column + quote(event) : Math.min(indent, line.length());
      int end = i == to.line ? Math.min(line.length(), to.column - quote(event)) : line.length();
      if (!block(event) && i > from.line) {
        start += line.length() - line.stripLeading().length();
      }
      if (start < end) {
        pieces(event, line.substring(0, end), new Spot(i, start), runs);
      }
    }
    return List.copyOf(runs);
  }

  private void pieces(ScalarEvent event, String line, Spot from, List<Run> runs) {
    Matcher escape = escapes(event.getScalarStyle()).matcher(line);
    int start = from.column;
    while (start < line.length()) {
      int end = escape.find(start) ? escape.start() : line.length();
      String piece = line.substring(start, end);
      add(
          event.getValue(),
          end == line.length() ? piece.stripTrailing() : piece,
          from.line,
          start,
          runs);
      start = end == line.length() ? end : escape.end();
    }
  }

  private void add(String value, String piece, int line, int column, List<Run> runs) {
    Run last = runs.isEmpty() ? new Run(0, 0, Position.JAVA) : runs.get(runs.size() - 1);
    int offset = value.indexOf(piece, last.offset() + last.length());
    if (!piece.isEmpty() && offset >= 0) {
      runs.add(new Run(offset, piece.length(), position(new Spot(line, column))));
    }
  }

  private static Pattern escapes(ScalarStyle style) {
    return switch (style) {
      case DOUBLE_QUOTED -> ESCAPE;
      case SINGLE_QUOTED -> DOUBLED;
      default -> NEVER;
    };
  }

  /** Columns of a block that belong to the layout: what the file has more than the value. */
  private int indent(String value, int header) {
    int there =
        lines.stream()
            .skip(header + 1L)
            .filter(l -> !l.isBlank())
            .findFirst()
            .map(Runs::spaces)
            .orElse(0);
    int kept = value.lines().filter(l -> !l.isBlank()).findFirst().map(Runs::spaces).orElse(0);
    return Math.max(0, there - kept);
  }

  private static int spaces(String line) {
    int count = 0;
    while (count < line.length() && line.charAt(count) == ' ') {
      count++;
    }
    return count;
  }

  /** The parser's mark of a scalar stands at its anchor; the value is the next thing behind. */
  private Spot spot(ScalarEvent event) {
    Spot spot = spot(event.getStartMark().orElseThrow());
    if (event.getAnchor().isEmpty() && event.getTag().isEmpty()) {
      return spot;
    }
    int line = spot.line;
    int column = spot.column;
    while (line < lines.size()) {
      Matcher property = PROPERTY.matcher(lines.get(line)).region(column, lines.get(line).length());
      if (!property.lookingAt() || property.end() == column) {
        if (column < lines.get(line).length()) {
          return new Spot(line, column);
        }
        line++;
        column = 0;
      } else {
        column = property.end();
      }
    }
    return spot;
  }

  private Spot spot(Mark mark) {
    if (mark.getLine() >= lines.size()) {
      return new Spot(mark.getLine(), 0);
    }
    String line = lines.get(mark.getLine());
    int most = line.codePointCount(0, line.length());
    return new Spot(mark.getLine(), line.offsetByCodePoints(0, Math.min(most, mark.getColumn())));
  }

  private Position position(Spot spot) {
    int column = spot.column;
    if (spot.line < lines.size()) {
      String line = lines.get(spot.line);
      column = line.codePointCount(0, Math.min(spot.column, line.length()));
    }
    return new Position(file, spot.line + 1, column + 1);
  }

  private static boolean block(ScalarEvent event) {
    return event.isLiteral() || event.isFolded();
  }

  private static int quote(ScalarEvent event) {
    return event.isSQuoted() || event.isDQuoted() ? 1 : 0;
  }
}
