package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.TextFault;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Makes settings records and components from the trees of a job file. What is wrong becomes a
 * finding, all of it at once; the result is then empty.
 */
public final class Binder {
  private static final Pattern SENTENCE =
      Pattern.compile("(Missing|Unknown|Cannot|Needs|Expected)\\b.*", Pattern.DOTALL);
  private static final Position NOWHERE = new Position("@Default", 0, 0);

  private final Findings findings;

  private Binder(Findings findings) {
    this.findings = findings;
  }

  /**
   * A component of this kind.
   *
   * @param path of the settings within the file, for findings; empty for the file itself
   * @param at where the kind stands
   */
  public static <P> Optional<P> bind(
      Kind<?, P> kind, Tree settings, String path, Position at, Findings findings) {
    return create(kind, settings, path, at, findings);
  }

  /** A settings record, for words of the language that no kind stands behind. */
  public static <S extends Record> Optional<S> settings(
      Class<S> type, Tree settings, String path, Position at, Findings findings) {
    return new Binder(findings).group(new Shape.Group(type), settings, path, at).map(type::cast);
  }

  private static <S extends Record, P> Optional<P> create(
      Kind<S, P> kind, Tree tree, String path, Position at, Findings findings) {
    Optional<S> settings = settings(kind.settings(), tree, path, at, findings);
    if (settings.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(kind.create().apply(settings.get()));
    } catch (IllegalArgumentException | DateTimeException e) {
      new Binder(findings).refuse(e, tree, path, at);
      return Optional.empty();
    }
  }

  private Optional<Object> value(Shape shape, Tree tree, String path, Position at) {
    if (shape instanceof Shape.Maybe maybe) {
      return value(maybe.shape(), tree, path, at).map(Optional::of);
    }
    if (shape instanceof Shape.Group group) {
      return group(group, tree, path, at);
    }
    if (shape instanceof Shape.OneOf oneOf) {
      return oneOf(oneOf, tree, path, at);
    }
    if (shape instanceof Shape.Items items) {
      return items(items, tree, path);
    }
    if (shape instanceof Shape.Entries entries) {
      return entries(entries, tree, path);
    }
    return leaf(shape, tree, path);
  }

  private Optional<Object> leaf(Shape shape, Tree tree, String path) {
    try {
      if (!(tree instanceof Leaf leaf)) {
        throw new IllegalArgumentException(Converters.expected(shape.words(), tree));
      }
      return Optional.of(
          shape instanceof Shape.Scalar scalar
              ? Converters.convert(scalar, leaf)
              : constant((Shape.Choice) shape, leaf));
    } catch (IllegalArgumentException e) {
      return broken(tree)
          ? Optional.empty()
          : wrong(tree.at(), path, String.valueOf(e.getMessage()));
    }
  }

  private static Object constant(Shape.Choice choice, Leaf leaf) {
    if (leaf.type() == Tree.Type.UNSET) {
      return choice.constants().values().iterator().next();
    }
    Object constant = choice.constants().get(leaf.text());
    if (constant == null) {
      throw new IllegalArgumentException(
          Converters.expected(choice.words(), leaf)
              + Nearest.hint(leaf.text(), choice.constants().keySet()));
    }
    return constant;
  }

  private Optional<Object> items(Shape.Items shape, Tree tree, String path) {
    if (!(tree instanceof Items items)) {
      String sentence = Converters.expected(shape.words(), tree);
      return wrong(tree.at(), path, sentence + listed(tree));
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      Tree item = items.items().get(i);
      value(shape.item(), item, path + "[" + i + "]", item.at()).ifPresent(values::add);
    }
    boolean all = values.size() == items.items().size();
    return all ? Optional.of(List.copyOf(values)) : Optional.empty();
  }

  private static String listed(Tree tree) {
    return tree instanceof Leaf leaf
            && leaf.type() != Tree.Type.NOTHING
            && leaf.written().equals(leaf.text())
        ? ". Write [" + leaf.text() + "]"
        : "";
  }

  private Optional<Object> entries(Shape.Entries shape, Tree tree, String path) {
    if (!(tree instanceof Fields fields)) {
      return wrong(tree.at(), path, Converters.expected(shape.words(), tree));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    fields
        .fields()
        .forEach(
            (key, field) ->
                value(shape.value(), field.value(), join(path, key), field.at())
                    .ifPresent(value -> values.put(key, value)));
    boolean all = values.size() == fields.fields().size();
    return all ? Optional.of(Collections.unmodifiableMap(values)) : Optional.empty();
  }

  private Optional<Object> oneOf(Shape.OneOf shape, Tree tree, String path, Position at) {
    if (tree instanceof Leaf leaf && leaf.type() != Tree.Type.NOTHING) {
      Tree none = new Fields(leaf.at(), Map.of());
      return member(shape, leaf.text(), new Field(leaf.at(), none), path);
    }
    if (!(tree instanceof Fields fields)) {
      return wrong(tree.at(), path, Converters.expected(shape.words(), tree));
    }
    if (fields.fields().size() != 1) {
      String found =
          fields.fields().isEmpty() ? "none" : String.join(", ", fields.fields().keySet());
      return wrong(at, path, "Expected exactly " + shape.words() + ", found " + found);
    }
    Map.Entry<String, Field> only = fields.fields().entrySet().iterator().next();
    return member(shape, only.getKey(), only.getValue(), path);
  }

  private Optional<Object> member(Shape.OneOf shape, String name, Field field, String path) {
    Shape.Group group = shape.groups().get(name);
    if (group != null) {
      return group(group, field.value(), join(path, name), field.at());
    }
    String sentence = "Unknown '" + name + "'. Expected " + shape.words();
    return wrong(field.at(), path, sentence + Nearest.hint(name, shape.groups().keySet()));
  }

  private Optional<Object> group(Shape.Group group, Tree tree, String path, Position at) {
    Optional<Map<String, Field>> given = given(group, tree, at);
    if (given.isEmpty()) {
      return wrong(tree.at(), path, Converters.expected(example(group), tree));
    }
    List<Setting> settings = group.settings();
    boolean known = allKnown(given.get(), settings, path);
    List<Object> values = new ArrayList<>();
    for (Setting setting : settings) {
      Field field = given.get().get(setting.key());
      Optional<Object> value =
          field == null
              ? absent(setting, path, at)
              : value(setting.shape(), field.value(), below(path, setting, tree), field.at());
      value.ifPresent(values::add);
    }
    if (values.size() < settings.size()) {
      return Optional.empty();
    }
    Optional<Object> settled = construct(group.type(), values.toArray(), tree, path, at);
    return known ? settled : Optional.empty();
  }

  /** The settings that are there, empty if the tree holds none of this shape. */
  private static Optional<Map<String, Field>> given(Shape.Group group, Tree tree, Position at) {
    if (tree instanceof Fields fields) {
      return Optional.of(fields.fields());
    }
    if (tree instanceof Leaf leaf && leaf.type() == Tree.Type.NOTHING) {
      return Optional.of(Map.of());
    }
    return group.shorthand().map(setting -> Map.of(setting.key(), new Field(at, tree)));
  }

  private boolean allKnown(Map<String, Field> given, List<Setting> settings, String path) {
    List<String> keys = settings.stream().map(Setting::key).sorted().toList();
    given.forEach(
        (key, field) -> {
          if (!keys.contains(key)) {
            wrong(field.at(), path, unknown(key, keys));
          }
        });
    return keys.containsAll(given.keySet());
  }

  private static String unknown(String key, List<String> known) {
    return "Unknown setting '"
        + key
        + "'"
        + (known.isEmpty()
            ? ". There are no settings here"
            : ". Known are " + String.join(", ", known) + Nearest.hint(Kebab.ofName(key), known));
  }

  private static String below(String path, Setting setting, Tree tree) {
    return tree instanceof Fields ? join(path, setting.key()) : path;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String example(Shape.Group group) {
    List<String> keys = group.settings().stream().map(Setting::key).limit(3).toList();
    return keys.isEmpty()
        ? "no settings"
        : "a map of settings such as {" + String.join(": …, ", keys) + ": …}";
  }

  private Optional<Object> absent(Setting setting, String path, Position at) {
    if (setting.fallback().isPresent()) {
      return Optional.of(fallback(setting, setting.fallback().get()));
    }
    if (setting.shape() instanceof Shape.Maybe) {
      return Optional.of(Optional.empty());
    }
    if (setting.shape() instanceof Shape.Items) {
      return Optional.of(List.of());
    }
    if (setting.shape() instanceof Shape.Entries) {
      return Optional.of(Map.of());
    }
    String meaning = setting.meaning().isEmpty() ? "" : ". " + setting.meaning();
    return wrong(at, path, "Missing setting '" + setting.key() + "'" + meaning);
  }

  private static Object fallback(Setting setting, String text) {
    Findings wrong = new Findings();
    Leaf leaf = new Leaf(NOWHERE, text, text, Tree.Type.TEXT, NOWHERE);
    return new Binder(wrong)
        .value(setting.shape(), leaf, setting.key(), NOWHERE)
        .orElseThrow(() -> new IllegalStateException("Cannot use a default: " + wrong.list()));
  }

  private Optional<Object> construct(
      Class<?> type, Object[] values, Tree tree, String path, Position at) {
    try {
      return Optional.of(canonical(type).newInstance(values));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException
          || e.getCause() instanceof DateTimeException) {
        return refuse((RuntimeException) e.getCause(), tree, path, at);
      }
      throw new IllegalStateException("Cannot make " + type.getName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot make " + type.getName(), e);
    }
  }

  private static Constructor<?> canonical(Class<?> type) throws NoSuchMethodException {
    Class<?>[] components =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    Constructor<?> constructor = type.getDeclaredConstructor(components);
    constructor.setAccessible(true);
    return constructor;
  }

  /** Whether it has a value that is not known, of which a finding tells already. */
  private static boolean broken(Tree tree) {
    if (tree instanceof Fields fields) {
      return fields.fields().values().stream().anyMatch(field -> broken(field.value()));
    }
    return tree instanceof Items items
        ? items.items().stream().anyMatch(Binder::broken)
        : ((Leaf) tree).type() == Tree.Type.BROKEN;
  }

  /** A fault of settings is none where it may rest on a value that is not known. */
  private static boolean doubtful(RuntimeException fault, Tree tree) {
    return fault instanceof TextFault text
        ? leafOf(tree, text.setting()).filter(Binder::broken).isPresent()
        : broken(tree);
  }

  private <T> Optional<T> refuse(RuntimeException fault, Tree tree, String path, Position at) {
    if (doubtful(fault, tree)) {
      return Optional.empty();
    }
    String message = Optional.ofNullable(fault.getMessage()).orElse(fault.getClass().getName());
    String sentence =
        SENTENCE.matcher(message).matches() ? message : "Cannot use these settings: " + message;
    if (fault instanceof TextFault text) {
      Position exact =
          leafOf(tree, text.setting())
              .map(leaf -> leaf.inside(text.line(), text.column()))
              .orElse(at);
      return wrong(exact, tree instanceof Fields ? join(path, text.setting()) : path, sentence);
    }
    return wrong(at, path, sentence);
  }

  /**
   * The leaf under keys with dots between them; list items count from 0, a shorthand is skipped.
   */
  private static Optional<Leaf> leafOf(Tree tree, String setting) {
    Optional<Tree> found = Optional.of(tree);
    for (String key : setting.split("\\.", -1)) {
      found = found.flatMap(parent -> child(parent, key));
    }
    return found.filter(Leaf.class::isInstance).map(Leaf.class::cast);
  }

  private static Optional<Tree> child(Tree tree, String key) {
    if (tree instanceof Fields fields) {
      return Optional.ofNullable(fields.fields().get(key)).map(Field::value);
    }
    if (tree instanceof Items items && key.matches("[0-9]{1,6}")) {
      return items.items().stream().skip(Long.parseLong(key)).findFirst();
    }
    return Optional.of(tree);
  }

  private <T> Optional<T> wrong(Position at, String path, String sentence) {
    findings.add(at, path, sentence);
    return Optional.empty();
  }
}
