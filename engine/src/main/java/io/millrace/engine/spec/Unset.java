package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * References that lead nowhere in what the tests of a job do without: the settings of its sources
 * and sinks, how rows of sources are decoded that come to a test decoded, and the checkpoint.
 */
final class Unset {
  private static final Set<String> USED_OF_SOURCES = Set.of("name", "watermark", "static");
  private static final Set<String> USED_OF_SINKS =
      Set.of("name", "from", "when", "mode", "write", "delivery", "trigger");

  /** A test gives the payloads that these take. */
  private static final Set<String> DECODERS = Set.of("json");

  private final Set<Position> allowed = new HashSet<>();

  private Unset() {}

  /** The tree, where those are allowed; the others are added to the findings. */
  static Optional<Tree> allowed(Optional<Tree> tree, Findings unset, Findings findings) {
    Unset all = new Unset();
    Optional<Tree> mended = tree.map(all::job);
    Set<Position> needed = new HashSet<>();
    mended.ifPresent(top -> collect(top, needed));
    unset.list().stream()
        .filter(each -> needed.contains(each.at()) || !all.allowed.contains(each.at()))
        .forEach(each -> findings.add(each.at(), each.path(), each.sentence()));
    return mended;
  }

  private Tree job(Tree tree) {
    return fields(
        tree,
        Map.of(
            "checkpoint", this::any,
            "sources", sources -> items(sources, USED_OF_SOURCES),
            "sinks", sinks -> items(sinks, USED_OF_SINKS),
            "dead-letters", letters -> entry(letters, USED_OF_SINKS)));
  }

  private static Tree fields(Tree tree, Map<String, UnaryOperator<Tree>> changes) {
    return tree instanceof Fields fields
        ? changed(
            fields,
            (key, value) -> changes.getOrDefault(key, UnaryOperator.identity()).apply(value))
        : tree;
  }

  private interface Change {
    Tree of(String key, Tree value);
  }

  private static Fields changed(Fields fields, Change change) {
    Map<String, Field> all = new LinkedHashMap<>();
    fields
        .fields()
        .forEach(
            (key, field) -> all.put(key, new Field(field.at(), change.of(key, field.value()))));
    return new Fields(fields.at(), Collections.unmodifiableMap(all));
  }

  private Tree items(Tree tree, Set<String> used) {
    return tree instanceof Items items
        ? new Items(items.at(), items.items().stream().map(item -> entry(item, used)).toList())
        : tree;
  }

  private Tree entry(Tree tree, Set<String> used) {
    return tree instanceof Fields fields
        ? changed(
            fields,
            (key, value) ->
                used.contains(key) || (key.equals("decode") && decodes(value)) ? value : any(value))
        : tree;
  }

  private static boolean decodes(Tree decode) {
    return decode instanceof Fields fields
        && !Collections.disjoint(fields.fields().keySet(), DECODERS);
  }

  private Tree any(Tree tree) {
    if (tree instanceof Fields fields) {
      return changed(fields, (key, value) -> any(value));
    }
    if (tree instanceof Items items) {
      return new Items(items.at(), items.items().stream().map(this::any).toList());
    }
    return tree instanceof Leaf leaf && leaf.type() == Tree.Type.BROKEN ? unset(leaf) : tree;
  }

  private Leaf unset(Leaf leaf) {
    leaf.runs().forEach(run -> allowed.add(run.at()));
    return new Leaf(
        leaf.at(), leaf.text(), leaf.written(), Tree.Type.UNSET, leaf.start(), leaf.runs());
  }

  /** Where references stand that lead nowhere. */
  private static void collect(Tree tree, Set<Position> places) {
    if (tree instanceof Fields fields) {
      fields.fields().values().forEach(field -> collect(field.value(), places));
    } else if (tree instanceof Items items) {
      List<Tree> all = items.items();
      all.forEach(item -> collect(item, places));
    } else if (tree instanceof Leaf leaf && leaf.type() == Tree.Type.BROKEN) {
      leaf.runs().forEach(run -> places.add(run.at()));
    }
  }
}
