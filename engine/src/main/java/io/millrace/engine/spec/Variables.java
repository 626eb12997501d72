package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces references to the environment, {@code $NAME} in braces, with a default behind {@code :-}
 * where it is not set or empty, and to files, such as {@code file:/run/secrets/x} in the same
 * braces, without the line break at their end. A second dollar sign in front makes the braces plain
 * text. What replaces a reference is never read as YAML or as another reference.
 */
public final class Variables {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([^{}]*)}|\\$\\{");
  private static final Pattern NAME =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);
  private static final String FILE = "file:";
  private static final long MOST_BYTES = 1 << 16;

  private final Function<String, Optional<String>> environment;
  private final boolean elsewhere;
  private final Optional<Findings> unset;

  private Variables(
      Function<String, Optional<String>> environment, boolean elsewhere, Optional<Findings> unset) {
    this.environment = environment;
    this.elsewhere = elsewhere;
    this.unset = unset;
  }

  /** The environment of this process. */
  public static Variables ofEnvironment() {
    return new Variables(name -> Optional.ofNullable(System.getenv(name)), false, Optional.empty());
  }

  /** These variables and no others. */
  public static Variables of(Map<String, String> environment) {
    return new Variables(looking(environment), false, Optional.empty());
  }

  /** These variables in front of what was there before. */
  public Variables with(Map<String, String> first) {
    Function<String, Optional<String>> own = looking(first);
    return new Variables(
        name -> own.apply(name).or(() -> environment.apply(name)), elsewhere, unset);
  }

  /** For a job that runs on another machine: a file's path stands for its content. */
  public Variables elsewhere() {
    return new Variables(environment, true, unset);
  }

  /** The same, where references that are sound and lead to nothing are told apart. */
  Variables telling(Findings unset) {
    return new Variables(environment, elsewhere, Optional.of(unset));
  }

  /** The variables that a text takes from the environment, those with a default left out. */
  public static Set<String> needed(String text) {
    Set<String> names = new TreeSet<>();
    Matcher reference = REFERENCE.matcher(text);
    while (reference.find()) {
      Optional.ofNullable(reference.group(1))
          .map(NAME::matcher)
          .filter(name -> name.matches() && name.group(2) == null)
          .ifPresent(name -> names.add(name.group(1)));
    }
    return names;
  }

  private static Function<String, Optional<String>> looking(Map<String, String> variables) {
    Map<String, String> copy = Map.copyOf(variables);
    return name -> Optional.ofNullable(copy.get(name));
  }

  /**
   * A text with its references replaced, and where its pieces stand.
   *
   * @param complete whether every reference led somewhere
   */
  record Replaced(String text, List<Run> runs, boolean complete) {}

  /** Replaces what it can; a reference that leads nowhere stays and is a finding at its place. */
  Replaced replace(String written, List<Run> runs, Position at, String path, Findings findings) {
    StringBuilder text = new StringBuilder();
    List<Run> moved = new ArrayList<>();
    Matcher reference = REFERENCE.matcher(written);
    int done = 0;
    boolean complete = true;
    while (reference.find()) {
      keep(written, done, reference.start(), runs, text, moved);
      Position place = Run.find(runs, reference.start()).orElse(at);
      moved.add(new Run(text.length(), 0, place));
      Optional<String> value = value(reference, place, path, findings);
      complete &= value.isPresent();
      text.append(value.orElse(reference.group()));
      done = reference.end();
    }
    if (done == 0) {
      return new Replaced(written, runs, true);
    }
    keep(written, done, written.length(), runs, text, moved);
    return new Replaced(text.toString(), List.copyOf(moved), complete);
  }

  private static void keep(
      String written, int from, int to, List<Run> runs, StringBuilder text, List<Run> moved) {
    for (Run run : runs) {
      int start = Math.max(from, run.offset());
      int end = Math.min(to, run.offset() + run.length());
      if (start < end) {
        int offset = text.length() + start - from;
        moved.add(new Run(offset, end - start, Run.find(List.of(run), start).orElse(run.at())));
      }
    }
    text.append(written, from, to);
  }

  private Optional<String> value(Matcher reference, Position at, String path, Findings findings) {
    if (reference.group().equals("$${")) {
      return Optional.of("${");
    }
    try {
      return Optional.of(look(Optional.ofNullable(reference.group(1))));
    } catch (UnsetException e) {
      unset.orElse(findings).add(at, path, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      findings.add(at, path, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  /** A variable that is not set, or a file that is not there. */
  private static final class UnsetException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    UnsetException(String sentence) {
      super(sentence);
    }
  }

  private String look(Optional<String> inside) {
    if (inside.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing the } of a variable. Write ${NAME}, or $${ for a plain ${");
    }
    if (inside.get().startsWith(FILE)) {
      return content(inside.get().substring(FILE.length()));
    }
    Matcher name = NAME.matcher(inside.get());
    if (!name.matches()) {
      throw new IllegalArgumentException(
          "Cannot understand the variable '${"
              + inside.get()
              + "}'. Write ${NAME}, ${NAME:-default} or ${file:/run/secrets/name}, or $${ for a"
              + " plain ${");
    }
    Optional<String> otherwise = Optional.ofNullable(name.group(2));
    return environment
        .apply(name.group(1))
        .filter(value -> !value.isEmpty() || otherwise.isEmpty())
        .or(() -> otherwise)
        .orElseThrow(() -> unset(name.group(1)));
  }

  private static UnsetException unset(String name) {
    return new UnsetException(
        "Missing variable " + name + ". Set it, or write ${" + name + ":-default}");
  }

  private String content(String name) {
    try {
      Path file = Path.of(name);
      if (!file.isAbsolute()) {
        throw new IllegalArgumentException(
            "Needs an absolute path in '${file:" + name + "}', such as ${file:/run/secrets/name}");
      }
      if (elsewhere) {
        return name;
      }
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new UnsetException(
            "Cannot read the file " + name + ". Create it, or let this user read it");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException(
            "Cannot take the file " + name + " as a value: it is larger than 64 KB");
      }
      String content = Files.readString(file).replaceFirst("[\\r\\n]+$", "");
      if (content.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot take the file " + name + " as a value: it is empty");
      }
      return content;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("Cannot use '" + name + "' as the path of a file", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read the file " + name + " as UTF-8 text", e);
    }
  }
}
