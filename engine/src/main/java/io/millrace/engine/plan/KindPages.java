package io.millrace.engine.plan;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reference pages of kinds, in Markdown that reads well on a terminal too. */
public final class KindPages {
  private static final List<String> HEAD = List.of("Setting", "Type", "Default", "Meaning");

  private final Map<String, List<? extends Kind<?, ?>>> groups = new LinkedHashMap<>();

  public KindPages(Catalog catalog) {
    groups.put("source", catalog.sources());
    groups.put("decoder", catalog.decoders());
    groups.put("step", catalog.steps());
    groups.put("sink", catalog.sinks());
    groups.put("trainer", catalog.trainers());
  }

  /** The names of all kinds. */
  public SortedSet<String> names() {
    return groups.values().stream()
        .flatMap(List::stream)
        .map(Kind::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All kinds with a line each. */
  public String all() {
    int width = names().stream().mapToInt(String::length).max().orElse(0);
    return groups.entrySet().stream()
        .filter(group -> !group.getValue().isEmpty())
        .map(
            group ->
                "## "
                    + Character.toUpperCase(group.getKey().charAt(0))
                    + group.getKey().substring(1)
                    + "s\n\n"
                    + lines(group.getValue(), width))
        .collect(Collectors.joining("\n"));
  }

  private static String lines(List<? extends Kind<?, ?>> kinds, int width) {
    return kinds.stream()
        .map(kind -> "    " + padded(kind.name(), width) + "  " + kind.summary() + "\n")
        .collect(Collectors.joining());
  }

  /** The page of a name: every group that has a kind of that name, empty if none has. */
  public Optional<String> page(String name) {
    return page(name, UnaryOperator.identity());
  }

  /**
   * The page of a name, with something of the caller's behind it.
   *
   * @param ending takes the page and gives it back, with an example for instance
   */
  public Optional<String> page(String name, UnaryOperator<String> ending) {
    List<String> pages = new ArrayList<>();
    groups.forEach(
        (group, kinds) ->
            kinds.stream()
                .filter(kind -> kind.name().equals(name))
                .map(kind -> page(group, kind))
                .forEach(pages::add));
    return pages.isEmpty() ? Optional.empty() : Optional.of(ending.apply(String.join("\n", pages)));
  }

  private static String page(String group, Kind<?, ?> kind) {
    Shape.Group shape = new Shape.Group(kind.settings());
    List<List<String>> rows = new ArrayList<>();
    rows(shape, "", new HashSet<>(), rows);
    String alone =
        shape
            .shorthand()
            .map(
                setting ->
                    "\n`%s: …` alone is short for `%s: {%s: …}`.\n"
                        .formatted(kind.name(), kind.name(), setting.key()))
            .orElse("");
    return "# %s (%s)\n\n%s\n\n".formatted(kind.name(), group, kind.summary())
        + (rows.isEmpty() ? "It has no settings.\n" : table(rows))
        + alone
        + promises(kind)
        + more(kind);
  }

  /** What a kind has to say besides its settings: a text beside their class, under its name. */
  private static String more(Kind<?, ?> kind) {
    try (InputStream text = kind.settings().getResourceAsStream(kind.name() + ".md")) {
      return text == null ? "" : "\n" + new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String promises(Kind<?, ?> kind) {
    return kind.promises().isEmpty()
        ? ""
        : kind.promises().stream()
            .map(KindPages::promise)
            .collect(Collectors.joining("", "\nWhat it promises:\n\n", ""));
  }

  private static String promise(Promise promise) {
    return "- %s%s: %s.\n"
        .formatted(
            Kebab.ofConstant(promise.guarantee().name()),
            promise.when().isBlank() ? "" : ", with `" + promise.when() + "`",
            promise.why());
  }

  private static void rows(
      Shape.Group group, String prefix, Set<Class<?>> above, List<List<String>> rows) {
    if (!above.add(group.type())) {
      return;
    }
    for (Setting setting : group.settings()) {
      String key = prefix + setting.key();
      rows.add(List.of(key, type(setting.shape()), fallback(setting), setting.meaning()));
      below(setting.shape(), key, above, rows);
    }
    above.remove(group.type());
  }

  private static void below(Shape shape, String key, Set<Class<?>> above, List<List<String>> rows) {
    if (shape instanceof Shape.Maybe maybe) {
      below(maybe.shape(), key, above, rows);
    } else if (shape instanceof Shape.Items items) {
      below(items.item(), key + "[]", above, rows);
    } else if (shape instanceof Shape.Entries entries) {
      below(entries.value(), key + ".*", above, rows);
    } else if (shape instanceof Shape.Group group) {
      rows(group, key + ".", above, rows);
    } else if (shape instanceof Shape.OneOf oneOf) {
      oneOf.groups().forEach((name, group) -> rows(group, key + "." + name + ".", above, rows));
    }
  }

  private static String type(Shape shape) {
    if (shape instanceof Shape.Maybe maybe) {
      return type(maybe.shape());
    }
    if (shape instanceof Shape.Items items) {
      return "list of " + type(items.item());
    }
    if (shape instanceof Shape.Entries entries) {
      return "map of " + type(entries.value());
    }
    if (shape instanceof Shape.Group group) {
      return group
          .shorthand()
          .map(setting -> type(setting.shape()) + " or settings")
          .orElse("settings");
    }
    if (shape instanceof Shape.OneOf oneOf) {
      return "one of " + String.join(", ", oneOf.groups().keySet());
    }
    return shape instanceof Shape.Scalar scalar
        ? scalar(scalar)
        : String.join(", ", ((Shape.Choice) shape).constants().keySet());
  }

  private static String scalar(Shape.Scalar scalar) {
    return switch (scalar) {
      case TEXT -> "text";
      case INT, LONG -> "whole number";
      case DECIMAL -> "number";
      case TRUTH -> "true or false";
      case DURATION -> "duration";
      case SIZE -> "size";
      case SECRET -> "secret";
    };
  }

  private static String fallback(Setting setting) {
    return setting.fallback().orElse(setting.optional() ? "–" : "needed");
  }

  private static String table(List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    all.add(HEAD);
    rows.forEach(row -> all.add(row.stream().map(cell -> cell.replace("|", "\\|")).toList()));
    int[] widths =
        IntStream.range(0, HEAD.size())
            .map(i -> all.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toArray();
    List<String> lines = new ArrayList<>(all.stream().map(row -> line(row, widths)).toList());
    lines.add(1, line(IntStream.of(widths).mapToObj("-"::repeat).toList(), widths));
    return String.join("", lines);
  }

  private static String line(List<String> cells, int[] widths) {
    return IntStream.range(0, cells.size())
        .mapToObj(i -> padded(cells.get(i), widths[i]))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
