package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Takes values of the expected sort out of a tree; another sort is a finding. */
final class Words {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  private final Findings findings;

  Words(Findings findings) {
    this.findings = findings;
  }

  <T> Optional<T> wrong(Position at, String path, String sentence) {
    findings.add(at, path, sentence);
    return Optional.empty();
  }

  /** What is there, as a reader of the file sees it; never the value of a variable. */
  static String describe(Tree tree) {
    if (tree instanceof Fields) {
      return "a map";
    }
    if (tree instanceof Items) {
      return "a list";
    }
    Leaf leaf = (Leaf) tree;
    return leaf.type() == Tree.Type.NOTHING ? "nothing" : "'" + leaf.written().strip() + "'";
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  Optional<Fields> fields(Tree tree, String path, String example) {
    if (tree instanceof Fields fields) {
      return Optional.of(fields);
    }
    return wrong(tree.at(), path, expected("a map", tree, example));
  }

  Optional<Items> items(Tree tree, String path, String example) {
    if (tree instanceof Items items) {
      return Optional.of(items);
    }
    return wrong(tree.at(), path, expected("a list", tree, example));
  }

  private static String expected(String what, Tree tree, String example) {
    return "Expected " + what + ", found " + describe(tree) + ". Write " + example;
  }

  /** A scalar that is not empty, under a key that may be left out. */
  Optional<Leaf> leaf(Fields fields, String key, String path, String example) {
    return Optional.ofNullable(fields.fields().get(key))
        .flatMap(field -> leaf(field.value(), join(path, key), example));
  }

  Optional<Leaf> leaf(Tree tree, String path, String example) {
    if (tree instanceof Leaf leaf && leaf.type() == Tree.Type.BROKEN) {
      return Optional.empty();
    }
    if (tree instanceof Leaf leaf && leaf.type() != Tree.Type.NOTHING && !leaf.text().isBlank()) {
      return Optional.of(leaf);
    }
    return wrong(tree.at(), path, expected("one value", tree, example));
  }

  Optional<Word> word(Fields fields, String key, String path, String example) {
    return leaf(fields, key, path, example).map(leaf -> new Word(leaf.text(), leaf.at()));
  }

  /** A name that SQL takes without quotes; the finding says which one would work. */
  Word named(Word name, String path) {
    if (!NAME.matcher(name.text()).matches()) {
      wrong(
          name.at(),
          path,
          "Cannot be named '"
              + name.text()
              + "'. Write small letters, digits and _, a letter first, such as "
              + better(name.text()));
    }
    return name;
  }

  private static String better(String name) {
    String snake =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "_")
            .replaceAll("^[^a-z]+|_+$", "");
    return snake.isEmpty() ? "clicks" : snake;
  }

  /** Tells of each key that is not known, with the one that was meant. */
  void known(Fields fields, Collection<String> known, String path) {
    fields
        .fields()
        .forEach(
            (key, field) -> {
              if (!known.contains(key)) {
                wrong(field.at(), path, unknown(key, known));
              }
            });
  }

  static String unknown(String key, Collection<String> known) {
    return "Unknown key '"
        + key
        + "'. Known are "
        + String.join(", ", known)
        + Nearest.hint(key, known);
  }

  /** The settings of Spark: any key, one value each. */
  Map<String, Word> settings(Fields fields, String path) {
    Map<String, Word> settings = new LinkedHashMap<>();
    for (Map.Entry<String, Field> entry : fields.fields().entrySet()) {
      leaf(entry.getValue().value(), join(path, entry.getKey()), entry.getKey() + ": value")
          .ifPresent(leaf -> settings.put(entry.getKey(), new Word(leaf.text(), leaf.at())));
    }
    return settings;
  }

  /** One name or a list of names. */
  List<Word> words(Tree tree, String path) {
    List<Word> words = new ArrayList<>();
    for (Tree item : tree instanceof Items items ? items.items() : List.of(tree)) {
      leaf(item, path, "a name, or a list of names such as [clicks, views]")
          .ifPresent(leaf -> words.add(new Word(leaf.text(), leaf.at())));
    }
    if (tree instanceof Items items && items.items().isEmpty()) {
      wrong(tree.at(), path, "Expected at least one name, found an empty list");
    }
    return List.copyOf(words);
  }
}
