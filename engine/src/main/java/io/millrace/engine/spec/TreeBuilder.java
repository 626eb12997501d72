package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import io.millrace.engine.spec.Tree.Run;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/** Makes the tree of one document from the parser's events. */
final class TreeBuilder {
  private static final int MOST_VALUES = 100_000;
  private static final int MOST_LEVELS = 100;
  private static final String MERGE = "<<";

  private final String file;
  private final Runs runs;
  private final EventReader events;
  private final Variables variables;
  private final Findings findings;
  private final Steps steps = new Steps();
  private final Map<String, Anchored> anchors = new HashMap<>();
  private final Set<String> open = new LinkedHashSet<>();
  private final Set<Position> lost = new HashSet<>();
  private int values;
  private int deepest;

  TreeBuilder(String file, Runs runs, EventReader events, Variables variables, Findings findings) {
    this.file = file;
    this.runs = runs;
    this.events = events;
    this.variables = variables;
    this.findings = findings;
  }

  /** A limit that a file of a sane size does not reach. */
  static final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Position at;

    LimitException(Position at, String sentence) {
      super(sentence);
      this.at = at;
    }

    Finding finding() {
      return new Finding(at, "", String.valueOf(getMessage()));
    }
  }

  /** A value with an anchor: how many values it holds and how many levels. */
  private record Anchored(Tree tree, int values, int levels) {}

  /** The value that starts with the next event. */
  Tree value(int level) {
    Event event = events.next();
    Position at = position(event);
    count(at, 1, level);
    if (event instanceof AliasEvent alias) {
      return aliased(alias.getAlias().getValue(), at, level);
    }
    Optional<String> anchor = ((NodeEvent) event).getAnchor().map(Anchor::getValue);
    if (anchor.isEmpty()) {
      return fresh(event, at, level);
    }
    int valuesBefore = values;
    int deepestBefore = deepest;
    deepest = level;
    open.add(anchor.get());
    Tree tree = fresh(event, at, level);
    open.remove(anchor.get());
    anchors.put(anchor.get(), new Anchored(tree, values - valuesBefore, deepest - level));
    deepest = Math.max(deepest, deepestBefore);
    return tree;
  }

  private void count(Position at, int more, int level) {
    values += more;
    deepest = Math.max(deepest, level);
    if (values > MOST_VALUES) {
      throw new LimitException(
          at, "Cannot read more than " + MOST_VALUES + " values, aliases counted in full");
    }
    if (level > MOST_LEVELS) {
      throw new LimitException(at, "Cannot read more than " + MOST_LEVELS + " levels of nesting");
    }
  }

  private Tree aliased(String name, Position at, int level) {
    Anchored anchored = anchors.get(name);
    if (anchored != null && !open.contains(name)) {
      count(at, anchored.values, level + anchored.levels);
      return anchored.tree;
    }
    String put = ". Put &" + name + " at the value to repeat, above";
    findings.add(
        at,
        steps.path(),
        open.contains(name)
            ? "Cannot use *" + name + " inside itself" + put
            : "Unknown alias *" + name + near(name, anchors.keySet()).orElse(put));
    lost.add(at);
    return new Leaf(at, "*" + name, "*" + name, Tree.Type.TEXT, at);
  }

  private static Optional<String> near(String word, Collection<String> known) {
    return Nearest.to(word, known).map(other -> ". Did you mean *" + other + "?");
  }

  private Tree fresh(Event event, Position at, int level) {
    if (event instanceof ScalarEvent scalar) {
      noTag(scalar.getTag(), at);
      return leaf(scalar, at);
    }
    noTag(((CollectionStartEvent) event).getTag(), at);
    return event instanceof MappingStartEvent ? fields(at, level) : items(at, level);
  }

  private void noTag(Optional<String> tag, Position at) {
    tag.ifPresent(
        name ->
            findings.add(
                at,
                steps.path(),
                "Cannot use the tag "
                    + (name.startsWith("!") ? name : "!!" + name.replaceFirst("^.*:", ""))
                    + ". Leave it out: the setting says what its value is"));
  }

  private Leaf leaf(ScalarEvent event, Position at) {
    List<Run> places = runs.of(event);
    Position start = runs.start(event, places);
    String written = event.getValue();
    Variables.Replaced replaced = variables.replace(written, places, start, steps.path(), findings);
    Tree.Type type = type(event, replaced);
    return new Leaf(at, replaced.text(), written, type, start, replaced.runs());
  }

  private static Tree.Type type(ScalarEvent event, Variables.Replaced replaced) {
    if (!replaced.complete()) {
      return Tree.Type.BROKEN;
    }
    Tree.Type type = event.isPlain() ? CoreSchema.type(replaced.text()) : Tree.Type.TEXT;
    boolean emptied = type == Tree.Type.NOTHING && !event.getValue().equals(replaced.text());
    return emptied ? Tree.Type.TEXT : type;
  }

  private Items items(Position at, int level) {
    List<Tree> items = new ArrayList<>();
    while (!events.at(Event.ID.SequenceEnd)) {
      steps.push("[" + items.size() + "]");
      items.add(value(level + 1));
      steps.pop();
    }
    events.next();
    return new Items(at, List.copyOf(items));
  }

  private Fields fields(Position at, int level) {
    Map<String, Field> fields = new LinkedHashMap<>();
    List<Field> merged = new ArrayList<>();
    while (!events.at(Event.ID.MappingEnd)) {
      boolean merging = events.plain(MERGE);
      Position place = position(events.peek());
      String key = key(place, level);
      steps.push("." + key);
      Field field = new Field(place, value(level + 1));
      steps.pop();
      if (field.value() instanceof Leaf leaf && key.equals("name")) {
        steps.name(leaf.written());
      }
      if (merging) {
        merged.add(field);
      } else {
        add(fields, key, field);
      }
    }
    events.next();
    merged.forEach(field -> merge(field.value(), fields));
    return new Fields(at, Collections.unmodifiableMap(fields));
  }

  private void add(Map<String, Field> fields, String key, Field field) {
    Field before = fields.putIfAbsent(key, field);
    if (before != null) {
      findings.add(
          field.at(),
          steps.path(),
          "Cannot have '"
              + key
              + "' twice: it stands in line "
              + before.at().line()
              + " too. Keep one of them");
    }
  }

  private String key(Position at, int level) {
    Tree key = value(level + 1);
    if (key instanceof Leaf leaf && leaf.type() != Tree.Type.NOTHING) {
      return leaf.written();
    }
    findings.add(
        at,
        steps.path(),
        "Expected a word as key, found "
            + Words.describe(key)
            + ". A value that starts with { or [ needs quotes");
    return "?";
  }

  /** Keys of the map itself win, then those of the first map that has them. */
  private void merge(Tree more, Map<String, Field> fields) {
    if (more instanceof Fields map) {
      map.fields().forEach(fields::putIfAbsent);
    } else if (more instanceof Items items
        && items.items().stream().allMatch(Fields.class::isInstance)) {
      items.items().forEach(item -> merge(item, fields));
    } else if (!lost.contains(more.at())) {
      findings.add(
          more.at(),
          steps.path(),
          "Expected a map to merge, found " + Words.describe(more) + ". Write <<: *anchor");
    }
  }

  private Position position(Event event) {
    if (event instanceof ScalarEvent scalar) {
      return runs.at(scalar);
    }
    return event
        .getStartMark()
        .map(mark -> new Position(file, mark.getLine() + 1, mark.getColumn() + 1))
        .orElse(new Position(file, 1, 1));
  }

  /** The way from the top of the document to the value at hand. */
  private static final class Steps {
    private final List<String> steps = new ArrayList<>();

    void push(String step) {
      steps.add(step);
    }

    void pop() {
      steps.remove(steps.size() - 1);
    }

    /** Names the entry of a top-level list, once its name is known. */
    void name(String name) {
      if (steps.size() == 2 && steps.get(1).startsWith("[")) {
        steps.set(1, "." + name);
      }
    }

    String path() {
      String path = String.join("", steps);
      return path.startsWith(".") ? path.substring(1) : path;
    }
  }
}
