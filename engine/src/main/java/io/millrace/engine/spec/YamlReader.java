package io.millrace.engine.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML 1.2 by its core schema. A tree comes back even where there are findings, unless the
 * text is no YAML at all.
 */
public final class YamlReader {
  private static final int MOST_CHARACTERS = 1 << 20;

  private final Variables variables;

  public YamlReader(Variables variables) {
    this.variables = variables;
  }

  public Optional<Tree> read(Path file, Findings findings) {
    Position whole = new Position(file.toString(), 0, 0);
    try {
      if (!Files.isRegularFile(file)) {
        findings.add(whole, "", "Missing file. Check the path");
        return Optional.empty();
      }
      if (Files.size(file) > 4L * MOST_CHARACTERS) {
        findings.add(whole, "", tooLarge());
        return Optional.empty();
      }
      return Utf8.text(Files.readAllBytes(file), file.toString(), findings)
          .flatMap(text -> read(text, file.toString(), findings));
    } catch (IOException e) {
      findings.add(whole, "", "Cannot read the file: " + e.getMessage());
    }
    return Optional.empty();
  }

  /** Reads a text as if it stood in a file of this name. */
  public Optional<Tree> read(String text, String name, Findings findings) {
    if (text.length() > MOST_CHARACTERS) {
      findings.add(new Position(name, 0, 0), "", tooLarge());
      return Optional.empty();
    }
    String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
    List<String> lines = plain.lines().toList();
    try {
      return document(plain, name, lines, findings);
    } catch (TreeBuilder.LimitException e) {
      add(e.finding(), findings);
    } catch (MarkedYamlEngineException e) {
      add(SyntaxError.of(e, name, lines), findings);
    } catch (ReaderException e) {
      add(SyntaxError.of(e, name, plain), findings);
    } catch (YamlEngineException e) {
      findings.add(new Position(name, 1, 1), "", "Cannot read this as YAML: " + e.getMessage());
    }
    return Optional.empty();
  }

  private static String tooLarge() {
    return "Cannot read more than " + MOST_CHARACTERS + " characters. Split the file by include";
  }

  private static void add(Finding finding, Findings findings) {
    findings.add(finding.at(), finding.path(), finding.sentence());
  }

  private Optional<Tree> document(String text, String name, List<String> lines, Findings findings) {
    LoadSettings settings = LoadSettings.builder().setLabel(name).build();
    EventReader events = new EventReader(new Parse(settings).parseString(text).iterator());
    events.next();
    if (events.at(Event.ID.StreamEnd)) {
      findings.add(new Position(name, 1, 1), "", "Expected a map, found an empty file");
      return Optional.empty();
    }
    events.next();
    Tree tree = new TreeBuilder(name, new Runs(name, lines), events, variables, findings).value(0);
    events.next();
    if (!events.at(Event.ID.StreamEnd)) {
      events
          .peek()
          .getStartMark()
          .ifPresent(
              mark ->
                  findings.add(
                      new Position(name, mark.getLine() + 1, mark.getColumn() + 1),
                      "",
                      "Cannot have a second document. Move it to a file of its own"));
    }
    return Optional.of(tree);
  }
}
