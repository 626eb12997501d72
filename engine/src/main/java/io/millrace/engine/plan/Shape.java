package io.millrace.engine.plan;

import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Size;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a value of a job file looks like, read from the Java type that it becomes. */
sealed interface Shape {

  /** A value without structure. */
  enum Scalar implements Shape {
    TEXT(String.class, "text"),
    INT(int.class, "a whole number"),
    LONG(long.class, "a whole number"),
    DECIMAL(double.class, "a number"),
    TRUTH(boolean.class, "true or false"),
    DURATION(Duration.class, "a duration such as 30s"),
    SIZE(Size.class, "a size such as 64MB"),
    SECRET(Secret.class, "a reference such as ${NAME}");

    private final Class<?> type;
    private final String words;

    Scalar(Class<?> type, String words) {
      this.type = type;
      this.words = words;
    }

    static Optional<Shape> of(Type type) {
      return Arrays.stream(values())
          .filter(scalar -> scalar.type == type || boxed(scalar.type) == type)
          .<Shape>map(scalar -> scalar)
          .findFirst();
    }

    private static Class<?> boxed(Class<?> type) {
      return java.lang.invoke.MethodType.methodType(type).wrap().returnType();
    }

    @Override
    public String words() {
      return words;
    }
  }

  /** One of the constants of an enum, written kebab-case. */
  record Choice(Map<String, Object> constants) implements Shape {
    @Override
    public String words() {
      return "one of " + String.join(", ", constants.keySet());
    }
  }

  /** A map of settings that becomes a record. */
  record Group(Class<?> type) implements Shape {
    List<Setting> settings() {
      return Arrays.stream(type.getRecordComponents()).map(Setting::of).toList();
    }

    /** Whether it may stand without settings. */
    boolean bare() {
      return settings().stream().allMatch(Setting::optional);
    }

    Optional<Setting> shorthand() {
      return settings().stream().filter(Setting::shorthand).findFirst();
    }

    @Override
    public String words() {
      return shorthand()
          .map(setting -> setting.shape().words() + ", or settings")
          .orElse("settings");
    }
  }

  /** A map with exactly one key, which names the record; a name alone takes all its defaults. */
  record OneOf(Map<String, Group> groups) implements Shape {
    /** The names that may stand without settings. */
    List<String> bare() {
      return groups.entrySet().stream()
          .filter(entry -> entry.getValue().bare())
          .map(Map.Entry::getKey)
          .toList();
    }

    @Override
    public String words() {
      return "one of " + String.join(", ", groups.keySet());
    }
  }

  record Items(Shape item) implements Shape {
    @Override
    public String words() {
      return "a list";
    }
  }

  record Entries(Shape value) implements Shape {
    @Override
    public String words() {
      return "a map";
    }
  }

  record Maybe(Shape shape) implements Shape {
    @Override
    public String words() {
      return shape.words();
    }
  }

  /** What it is, as it stands in a sentence behind "Expected". */
  String words();

  /**
   * The shape of a type.
   *
   * @throws IllegalArgumentException if no setting can have this type
   */
  static Shape of(Type type) {
    return Scalar.of(type).orElseGet(() -> structured(type));
  }

  private static Shape structured(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic);
    }
    if (type instanceof Class<?> plain && plain.isEnum()) {
      return choice(plain);
    }
    if (type instanceof Class<?> plain && plain.isRecord()) {
      return new Group(plain);
    }
    if (type instanceof Class<?> plain && plain.isSealed()) {
      Map<String, Group> groups = new LinkedHashMap<>();
      collect(plain, groups);
      return new OneOf(groups);
    }
    throw new IllegalArgumentException("Cannot be the type of a setting: " + type.getTypeName());
  }

  private static Shape generic(ParameterizedType type) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return new Maybe(of(arguments[0]));
    }
    if (type.getRawType() == List.class) {
      return new Items(of(arguments[0]));
    }
    if (type.getRawType() == Map.class && arguments[0] == String.class) {
      return new Entries(of(arguments[1]));
    }
    throw new IllegalArgumentException("Cannot be the type of a setting: " + type.getTypeName());
  }

  private static Shape choice(Class<?> type) {
    Map<String, Object> constants =
        Arrays.stream(type.getEnumConstants())
            .map(constant -> (Enum<?>) constant)
            .collect(
                Collectors.toMap(
                    constant -> Kebab.ofConstant(constant.name()),
                    constant -> (Object) constant,
                    (first, second) -> first,
                    LinkedHashMap::new));
    return new Choice(constants);
  }

  private static void collect(Class<?> sealed, Map<String, Group> groups) {
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      if (permitted.isRecord()) {
        groups.put(Kebab.ofName(permitted.getSimpleName()), new Group(permitted));
      } else if (permitted.isSealed()) {
        collect(permitted, groups);
      } else {
        throw new IllegalArgumentException(
            "Cannot be one of several settings, as it is no record: " + permitted.getName());
      }
    }
  }
}
