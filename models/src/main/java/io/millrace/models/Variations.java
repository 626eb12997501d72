package io.millrace.models;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The same pipeline with other settings. */
final class Variations {
  private Variations() {}

  /**
   * A pipeline whose settings are these where they are named.
   *
   * @param settings by the stage's and the setting's name, such as {@code random-forest.depth}
   * @throws IllegalArgumentException with a sentence, if there is no such setting
   */
  static List<Stage> of(List<Stage> pipeline, Map<String, String> settings) {
    List<Stage> changed = new ArrayList<>(pipeline);
    settings.forEach(
        (name, value) -> {
          int place = place(pipeline, name);
          changed.set(place, changed(changed.get(place), name, value));
        });
    return List.copyOf(changed);
  }

  private static int place(List<Stage> pipeline, String name) {
    String stage = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
    List<String> names = pipeline.stream().map(Variations::word).toList();
    if (!name.contains(".") || !names.contains(stage)) {
      throw new IllegalArgumentException(
          "Unknown '"
              + name
              + "' in the grid. Name a stage of the pipeline and its setting, such as "
              + names.get(names.size() - 1)
              + "."
              + example(pipeline.get(pipeline.size() - 1)));
    }
    if (names.indexOf(stage) != names.lastIndexOf(stage)) {
      throw new IllegalArgumentException(
          "Cannot tell which " + stage + " of the pipeline " + name + " means. Vary another stage");
    }
    return names.indexOf(stage);
  }

  private static Stage changed(Stage stage, String name, String value) {
    String setting = name.substring(name.indexOf('.') + 1);
    if (stage instanceof Custom.Stage custom) {
      Map<String, String> params = new LinkedHashMap<>(custom.params());
      params.put(setting, value);
      return new Custom.Stage(
          custom.className(), params, custom.reads(), custom.writes(), custom.learns());
    }
    RecordComponent[] components = stage.getClass().getRecordComponents();
    List<String> known =
        Arrays.stream(components).map(component -> Words.kebab(component.getName())).toList();
    if (!known.contains(setting)) {
      throw new IllegalArgumentException(
          "Unknown setting '"
              + setting
              + "' of "
              + word(stage)
              + ". Known are "
              + String.join(", ", known));
    }
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] =
          known.get(i).equals(setting)
              ? converted(components[i], name, value)
              : value(components[i], stage);
    }
    return made(stage.getClass(), components, values);
  }

  private static Object value(RecordComponent component, Stage stage) {
    try {
      return component.getAccessor().invoke(stage);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component.getName(), e);
    }
  }

  private static Stage made(
      Class<? extends Stage> type, RecordComponent[] components, Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException("Cannot make a " + type.getName(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot make a " + type.getName(), e);
    }
  }

  private static Object converted(RecordComponent component, String name, String value) {
    Class<?> type = component.getType();
    try {
      if (type == int.class) {
        return Integer.valueOf(value);
      }
      if (type == double.class) {
        return Double.valueOf(value);
      }
    } catch (NumberFormatException e) {
      String words = type == int.class ? "a whole number" : "a number";
      throw new IllegalArgumentException(
          "Expected " + words + " for " + name + ", found '" + value + "'", e);
    }
    if (type == boolean.class && (value.equals("true") || value.equals("false"))) {
      return Boolean.valueOf(value);
    }
    if (type.isEnum()) {
      return constant(type, name, value);
    }
    throw new IllegalArgumentException(
        type == boolean.class
            ? "Expected true or false for " + name + ", found '" + value + "'"
            : "Cannot vary " + name + ". A number, true or false, or one of several words can be");
  }

  private static Object constant(Class<?> type, String name, String value) {
    List<String> words =
        Arrays.stream(type.getEnumConstants())
            .map(each -> ((Enum<?>) each).name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .toList();
    if (!words.contains(value)) {
      throw new IllegalArgumentException(
          "Expected one of "
              + String.join(", ", words)
              + " for "
              + name
              + ", found '"
              + value
              + "'");
    }
    return type.getEnumConstants()[words.indexOf(value)];
  }

  private static String word(Stage stage) {
    return Words.kebab(stage.getClass().getSimpleName());
  }

  private static String example(Stage stage) {
    Optional<RecordComponent> varied =
        Arrays.stream(stage.getClass().getRecordComponents())
            .filter(component -> component.getType().isPrimitive())
            .findFirst();
    return varied.map(component -> Words.kebab(component.getName())).orElse("maxIter");
  }
}
