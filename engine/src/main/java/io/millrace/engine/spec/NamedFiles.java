package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The files that a job names by {@code schema-file}: they are read when it is planned. */
public final class NamedFiles {
  private static final String KEY = "schema-file";

  private NamedFiles() {}

  /** Their names, as the job has them. */
  public static Set<String> in(Tree tree) {
    Set<String> names = new TreeSet<>();
    collect(tree, names);
    return names;
  }

  private static void collect(Tree tree, Set<String> names) {
    if (tree instanceof Items items) {
      items.items().forEach(item -> collect(item, names));
    } else if (tree instanceof Fields fields) {
      fields
          .fields()
          .forEach(
              (key, field) -> {
                if (key.equals(KEY) && field.value() instanceof Leaf leaf) {
                  names.add(leaf.text());
                } else {
                  collect(field.value(), names);
                }
              });
    }
  }

  /**
   * The same job, where they are elsewhere.
   *
   * @param places by the names that the job has
   */
  public static Tree moved(Tree tree, Map<String, String> places) {
    if (tree instanceof Items items) {
      List<Tree> moved = new ArrayList<>();
      items.items().forEach(item -> moved.add(moved(item, places)));
      return new Items(items.at(), List.copyOf(moved));
    }
    if (tree instanceof Fields fields) {
      Map<String, Field> moved = new LinkedHashMap<>();
      fields.fields().forEach((key, field) -> moved.put(key, moved(key, field, places)));
      return new Fields(fields.at(), Collections.unmodifiableMap(moved));
    }
    return tree;
  }

  private static Field moved(String key, Field field, Map<String, String> places) {
    if (key.equals(KEY) && field.value() instanceof Leaf leaf) {
      String place = places.getOrDefault(leaf.text(), leaf.text());
      return new Field(
          field.at(),
          new Leaf(leaf.at(), place, leaf.written(), leaf.type(), leaf.start(), leaf.runs()));
    }
    return new Field(field.at(), moved(field.value(), places));
  }
}
