package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the entries of the lists of a file: sources, steps and sinks. */
final class EntryReader {
  private static final List<String> SOURCE = List.of("name", "decode", "watermark", "static");
  private static final List<String> TABLE = List.of("name", "decode");
  private static final List<String> STEP = List.of("name", "from", "when");
  private static final List<String> SINK =
      List.of("name", "from", "when", "mode", "write", "delivery", "trigger");
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "decode", "a source",
          "watermark", "a source or is a step",
          "static", "a source",
          "engine", "the top of a job",
          "from", "a step or a sink",
          "when", "a step or a sink",
          "mode", "a sink",
          "write", "a sink",
          "delivery", "a sink",
          "trigger", "a sink");
  private static final Fields NONE = new Fields(Position.JAVA, Map.of());

  private final Findings findings;
  private final Words words;
  private final Map<String, Word> streams = new HashMap<>();
  private final Map<String, Word> targets = new HashMap<>();
  private boolean complete = true;

  EntryReader(Findings findings) {
    this.findings = findings;
    this.words = new Words(findings);
  }

  /** Whether every source and step could be made into one. */
  boolean complete() {
    return complete;
  }

  /** An entry, its kind, and where it stands in the file. */
  private record Entry(Fields fields, String path, Optional<PartSpec> part) {}

  List<SourceSpec> sources(Tree list) {
    List<SourceSpec> sources = new ArrayList<>();
    for (Entry entry : entries(list, "sources", SOURCE, "- {name: clicks, kafka: {...}}")) {
      Optional<Word> name = name(entry, streams, "source");
      if (name.isPresent() && entry.part.isPresent()) {
        sources.add(source(name.get(), entry.part.get(), entry.fields, entry.path));
      } else {
        complete = false;
      }
    }
    return List.copyOf(sources);
  }

  /** The tables of a training file beside what it learns from. */
  List<SourceSpec> tables(Tree list) {
    List<SourceSpec> tables = new ArrayList<>();
    for (Entry entry : entries(list, "tables", TABLE, "- {name: prices, delta: {...}}")) {
      Optional<Word> name = name(entry, streams, "table");
      if (name.isPresent() && entry.part.isPresent()) {
        SourceSpec source = source(name.get(), entry.part.get(), entry.fields, entry.path);
        Position at = name.get().at();
        Optional<Tree> fixed = Optional.of(new Leaf(at, "true", "true", Tree.Type.TRUTH, at));
        tables.add(
            new SourceSpec(source.name(), source.part(), source.decode(), Optional.empty(), fixed));
      } else {
        complete = false;
      }
    }
    return List.copyOf(tables);
  }

  /** The source that a training file learns from, named {@code input}. */
  Optional<SourceSpec> input(Field from) {
    streams.put("input", new Word("input", from.at()));
    return words
        .fields(from.value(), "from", "from: {delta: {path: ...}}")
        .flatMap(
            fields -> {
              List<String> known = SOURCE.subList(1, SOURCE.size());
              return part(fields, from.at(), known, "from")
                  .map(part -> source(new Word("input", from.at()), part, fields, "from"));
            });
  }

  private SourceSpec source(Word name, PartSpec part, Fields fields, String path) {
    Optional<PartSpec> decode =
        Optional.ofNullable(fields.fields().get("decode"))
            .flatMap(field -> decode(field, Words.join(path, "decode")));
    Optional<Tree> watermark =
        Optional.ofNullable(fields.fields().get("watermark")).map(Field::value);
    Optional<Tree> fixed =
        Optional.ofNullable(fields.fields().get("static"))
            .flatMap(field -> fixed(field.value(), Words.join(path, "static")));
    return new SourceSpec(name, part, decode, watermark, fixed);
  }

  private Optional<PartSpec> decode(Field field, String path) {
    if (field.value() instanceof Leaf) {
      return words
          .leaf(field.value(), path, "decode: {json: ...}")
          .map(leaf -> new PartSpec(leaf.text(), leaf.at(), NONE));
    }
    return words
        .fields(field.value(), path, "decode: {json: ...}")
        .flatMap(fields -> part(fields, field.at(), List.of(), path));
  }

  private Optional<Tree> fixed(Tree tree, String path) {
    if (tree instanceof Leaf leaf
        && (leaf.type() == Tree.Type.TRUTH || leaf.type() == Tree.Type.NOTHING)) {
      return leaf.text().equalsIgnoreCase("false") ? Optional.empty() : Optional.of(tree);
    }
    return words.fields(tree, path, "static: true").map(map -> map);
  }

  List<StepSpec> steps(Tree list, Optional<Word> above) {
    List<StepSpec> steps = new ArrayList<>();
    Optional<Word> last = above;
    List<Entry> entries = entries(list, "steps", STEP, "- {name: valid, validate: [...]}");
    Set<String> stated = statedNames(entries);
    for (Entry entry : entries) {
      if (entry.part.isEmpty()) {
        complete = false;
        continue;
      }
      PartSpec part = entry.part.get();
      Word name =
          entry.fields.fields().containsKey("name")
              ? name(entry, streams, "step").orElse(new Word(part.kind(), part.at()))
              : unnamed(part, stated);
      Optional<Field> from = Optional.ofNullable(entry.fields.fields().get("from"));
      List<Word> inputs =
          from.map(field -> words.words(field.value(), Words.join(entry.path, "from")))
              .orElse(last.map(List::of).orElse(List.of()));
      steps.add(new StepSpec(name, part, inputs, from.isPresent(), when(entry)));
      last = Optional.of(name);
    }
    return List.copyOf(steps);
  }

  private static Set<String> statedNames(List<Entry> entries) {
    Set<String> names = new HashSet<>();
    for (Entry entry : entries) {
      Field name = entry.fields.fields().get("name");
      if (name != null && name.value() instanceof Leaf leaf) {
        names.add(leaf.text());
      }
    }
    return names;
  }

  /** A step without a name is called by its kind, or else by its kind and a number. */
  private Word unnamed(PartSpec part, Set<String> stated) {
    String kind = part.kind().replaceAll("[^a-zA-Z0-9]+", "_").toLowerCase(Locale.ROOT);
    String name = kind;
    for (int i = 2; stated.contains(name) || streams.containsKey(name); i++) {
      name = kind + "_" + i;
    }
    Word word = new Word(name, part.at());
    streams.put(name, word);
    return word;
  }

  List<SinkSpec> sinks(Tree list, Optional<Word> above) {
    List<SinkSpec> sinks = new ArrayList<>();
    for (Entry entry : entries(list, "sinks", SINK, "- {name: out, jdbc: {...}}")) {
      Optional<Word> name = name(entry, targets, "sink");
      Optional<Word> from = word(entry, "from", "from: valid");
      Optional<Word> input = from.or(() -> above);
      Optional<Leaf> when = when(entry);
      Optional<Word> mode = word(entry, "mode", "mode: append");
      Optional<Word> write = word(entry, "write", "write: append");
      Optional<Word> delivery = word(entry, "delivery", "delivery: exactly-once");
      Optional<TriggerSpec> trigger = trigger(entry.fields, entry.path);
      if (name.isPresent() && entry.part.isPresent() && input.isPresent()) {
        sinks.add(
            new SinkSpec(
                name.get(), entry.part.get(), input.get(), when, mode, write, delivery, trigger));
      }
    }
    return List.copyOf(sinks);
  }

  Optional<DeadLetterSpec> deadLetters(Field field) {
    String path = "dead-letters";
    String example = "dead-letters: drop, or dead-letters: {delta: {path: ...}}";
    if (field.value() instanceof Leaf leaf && leaf.text().equals("drop")) {
      return Optional.of(
          new DeadLetterSpec(field.at(), Optional.empty(), Optional.empty(), Optional.empty()));
    }
    return words
        .fields(field.value(), path, example)
        .flatMap(
            fields -> {
              Optional<TriggerSpec> trigger = trigger(fields, path);
              Optional<DeadLetterSpec.Limit> limit =
                  Optional.ofNullable(fields.fields().get("limit")).flatMap(this::limit);
              return part(fields, field.at(), List.of("trigger", "limit"), path)
                  .map(part -> new DeadLetterSpec(field.at(), Optional.of(part), trigger, limit));
            });
  }

  private Optional<DeadLetterSpec.Limit> limit(Field field) {
    String path = "dead-letters.limit";
    String example = "limit: {rows: 1000, share: 5%}";
    Optional<Fields> limit = words.fields(field.value(), path, example);
    limit.ifPresent(fields -> words.known(fields, List.of("rows", "share"), path));
    if (limit.filter(fields -> fields.fields().isEmpty()).isPresent()) {
      return words.wrong(field.at(), path, "Missing rows or share. Write " + example);
    }
    return limit.map(
        fields ->
            new DeadLetterSpec.Limit(
                words.word(fields, "rows", path, "rows: 1000"),
                words.word(fields, "share", path, "share: 5%")));
  }

  private Optional<TriggerSpec> trigger(Fields fields, String path) {
    Field field = fields.fields().get("trigger");
    return field != null && field.value() instanceof Fields map
        ? realTime(field, map, Words.join(path, "trigger"))
        : words
            .word(fields, "trigger", path, "trigger: 10s")
            .map(word -> new TriggerSpec(word, Optional.empty()));
  }

  /** The form that says how long a batch is. */
  private Optional<TriggerSpec> realTime(Field field, Fields map, String path) {
    String word = TriggerSpec.REAL_TIME;
    String example = "trigger: {realtime: 5m}";
    words.known(map, List.of(word), path);
    if (!map.fields().containsKey(word)) {
      return words.wrong(field.at(), path, "Missing realtime. Write " + example);
    }
    return words
        .word(map, word, path, example)
        .map(length -> new TriggerSpec(new Word(word, field.value().at()), Optional.of(length)));
  }

  private Optional<Leaf> when(Entry entry) {
    return words.leaf(entry.fields, "when", entry.path, "when: \"price > 0\"");
  }

  private Optional<Word> word(Entry entry, String key, String example) {
    return words.word(entry.fields, key, entry.path, example);
  }

  private Optional<Word> name(Entry entry, Map<String, Word> taken, String what) {
    Field field = entry.fields.fields().get("name");
    if (field == null) {
      return words.wrong(
          entry.fields.at(),
          entry.path,
          "Missing 'name'. Name the " + what + ", such as name: " + suggestion(entry));
    }
    Optional<Word> name = words.word(entry.fields, "name", entry.path, "name: clicks");
    name.ifPresent(
        word -> take(words.named(word, Words.join(entry.path, "name")), entry.path, taken));
    return name;
  }

  private static String suggestion(Entry entry) {
    return entry.part.map(part -> "my_" + part.kind().replace('-', '_')).orElse("clicks");
  }

  private void take(Word name, String path, Map<String, Word> taken) {
    Word before = taken.putIfAbsent(name.text(), name);
    if (before != null) {
      words.wrong(
          name.at(),
          Words.join(path, "name"),
          "Cannot be named '"
              + name
              + "': the name is taken at "
              + before.at()
              + ". Choose another");
    }
  }

  private List<Entry> entries(Tree list, String path, List<String> known, String example) {
    List<Entry> entries = new ArrayList<>();
    List<Tree> items =
        words.items(list, path, "a list, such as " + example).map(Items::items).orElse(List.of());
    for (int i = 0; i < items.size(); i++) {
      String index = path + "[" + i + "]";
      Optional<Fields> fields = words.fields(items.get(i), index, example);
      if (fields.isEmpty() && !path.equals("sinks")) {
        complete = false;
      }
      fields.ifPresent(map -> entries.add(entry(map, path, index, known)));
    }
    return entries;
  }

  private Entry entry(Fields fields, String list, String index, List<String> known) {
    String path =
        Optional.ofNullable(fields.fields().get("name"))
            .map(Field::value)
            .filter(name -> name instanceof Leaf leaf && leaf.type() != Tree.Type.NOTHING)
            .map(name -> list + "." + ((Leaf) name).text())
            .orElse(index);
    return new Entry(fields, path, part(fields, fields.at(), known, path));
  }

  /** The one key that is no word of the language, and what stands under it. */
  private Optional<PartSpec> part(Fields fields, Position at, List<String> known, String path) {
    Map<String, Field> kinds = new LinkedHashMap<>(fields.fields());
    kinds.keySet().removeAll(known);
    boolean step = known.equals(STEP);
    kinds.entrySet().removeIf(entry -> misplaced(entry.getKey(), entry.getValue(), step, path));
    if (kinds.size() > 1) {
      kinds.entrySet().removeIf(entry -> cutOff(entry.getKey(), entry.getValue(), path));
      kinds.entrySet().removeIf(entry -> mistyped(entry.getKey(), entry.getValue(), known, path));
    }
    if (kinds.size() > 1) {
      Position second = kinds.values().stream().skip(1).findFirst().map(Field::at).orElse(at);
      words.wrong(
          second,
          path,
          "Expected one kind, found "
              + String.join(", ", kinds.keySet())
              + ". Indent settings below their kind, and give each kind an entry of its own");
    }
    return kinds.entrySet().stream()
        .findFirst()
        .map(entry -> new PartSpec(entry.getKey(), entry.getValue().at(), entry.getValue().value()))
        .or(() -> words.wrong(at, path, missing(known)));
  }

  private static String missing(List<String> known) {
    return known.isEmpty()
        ? "Missing format. Write decode: {json: ...}"
        : "Missing kind. Write it as a key beside "
            + String.join(", ", known)
            + ", with its settings below";
  }

  private boolean misplaced(String key, Field field, boolean step, String path) {
    if (key.equals("name")) {
      words.wrong(field.at(), path, "Cannot have 'name' here. Leave it out");
      return true;
    }
    if (!ELSEWHERE.containsKey(key) || (step && key.equals("watermark"))) {
      return false;
    }
    words.wrong(
        field.at(),
        path,
        "Cannot have '" + key + "' here: it belongs to " + ELSEWHERE.get(key) + ". Move it there");
    return true;
  }

  /** A piece of a text, where a comma between braces has ended what stands before it. */
  private boolean cutOff(String key, Field field, String path) {
    boolean nothing = field.value() instanceof Leaf leaf && leaf.type() == Tree.Type.NOTHING;
    if (!nothing || !key.contains(" ")) {
      return false;
    }
    words.wrong(
        field.at(),
        path,
        "Cannot have '" + key + "' here. Between { and }, put a text that has a comma in quotes");
    return true;
  }

  /** Of several candidates, one that is close to a word of the language is no kind. */
  private boolean mistyped(String key, Field field, List<String> known, String path) {
    if (Nearest.to(key, known).isEmpty()) {
      return false;
    }
    findings.add(field.at(), path, Words.unknown(key, known));
    return true;
  }
}
