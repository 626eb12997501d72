package io.millrace.engine.spec;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

/** Says in a sentence why a text is no YAML. */
final class SyntaxError {
  private SyntaxError() {}

  static Finding of(MarkedYamlEngineException fault, String file, List<String> lines) {
    String problem = Optional.ofNullable(fault.getProblem()).orElse("it breaks off");
    Optional<Mark> mark = fault.getProblemMark().or(fault::getContextMark);
    if (unclosed(problem)) {
      mark = fault.getContextMark().or(fault::getProblemMark);
    }
    Position at =
        mark.map(m -> new Position(file, m.getLine() + 1, m.getColumn() + 1))
            .orElse(new Position(file, 1, 1));
    if (variable(problem, before(at, lines))) {
      Position dollar = new Position(file, at.line(), at.column() - 1);
      return new Finding(
          dollar, "", "Needs quotes around a variable between brackets. Write \"${NAME}\"");
    }
    return new Finding(at, "", sentence(problem));
  }

  static Finding of(ReaderException fault, String file, String text) {
    int end =
        text.offsetByCodePoints(
            0, Math.min(fault.getPosition(), text.codePointCount(0, text.length())));
    String sentence =
        fault.getCodePoint() == 0
            ? "Cannot read this as text: it has a zero byte. Name a file of text in UTF-8"
            : "Cannot have the character 0x%X in a file. Write it as an escape in double quotes"
                .formatted(fault.getCodePoint());
    return new Finding(Utf8.end(text.substring(0, end), file), "", sentence);
  }

  private static boolean unclosed(String problem) {
    return problem.equals("found unexpected end of stream")
        || problem.equals("found unexpected document separator");
  }

  private static String before(Position at, List<String> lines) {
    String line = at.line() <= lines.size() ? lines.get(at.line() - 1) : "";
    return line.substring(0, Math.min(line.length(), at.column() - 1));
  }

  private static boolean variable(String problem, String before) {
    return before.endsWith("$") && problem.startsWith("expected ',' or");
  }

  private static String sentence(String problem) {
    if (problem.contains("(TAB)")) {
      return "Cannot start with a tab. Indent with spaces";
    }
    if (problem.contains("cannot start any token")) {
      String character = problem.replaceAll("^found character '(.*?)' .*$", "$1");
      return "Cannot start a value with " + character + ". Put the value in quotes";
    }
    if (problem.startsWith("mapping values are not allowed")) {
      return "Cannot have a second ': ' here. Put the value in quotes, or check the indentation";
    }
    if (problem.startsWith("sequence entries are not allowed")) {
      return "Cannot start a list item here. Put '- ' on a line of its own, below the key";
    }
    if (problem.startsWith("could not find expected ':'")) {
      return "Missing ':' behind the key in the line above, or check its indentation";
    }
    if (problem.startsWith("expected <block end>")) {
      return "Cannot fit this line into what stands above. Check the indentation and the quotes";
    }
    if (problem.startsWith("expected ',' or")) {
      String close = problem.contains("']'") ? "]" : "}";
      return "Missing ',' or '" + close + "' before this";
    }
    if (unclosed(problem)) {
      return "Missing the closing quote of the text that starts here";
    }
    if (problem.startsWith("found unknown escape character")) {
      return "Unknown escape in double quotes. Write \\\\ for a backslash, or use single quotes";
    }
    return "Cannot read this as YAML: " + problem;
  }
}
