package io.millrace.engine.spi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.Arrays;

/** A class that a job names. */
public final class UserClass {
  private UserClass() {}

  /**
   * The class, checked but not initialised.
   *
   * @throws IllegalArgumentException with a sentence, if one cannot make an object of that type
   */
  public static <T> Class<? extends T> find(String name, Class<T> type) {
    Class<?> found = load(name);
    if (!type.isAssignableFrom(found)) {
      throw new IllegalArgumentException(
          "Expected a class that %s %s, found %s"
              .formatted(type.isInterface() ? "implements" : "extends", type.getName(), name));
    }
    if (Modifier.isAbstract(found.getModifiers())) {
      throw new IllegalArgumentException(
          "Expected a class that one can make an object of, found abstract " + name);
    }
    if (!Modifier.isPublic(found.getModifiers())) {
      throw new IllegalArgumentException("Needs a public class, found " + name);
    }
    if (Arrays.stream(found.getConstructors()).noneMatch(each -> each.getParameterCount() == 0)) {
      throw new IllegalArgumentException(
          "Needs a public constructor without arguments in " + name + ". Add one");
    }
    return found.asSubclass(type);
  }

  /** A new object of the class. */
  public static <T> T make(String name, Class<T> type) {
    try {
      return find(name, type).getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("Cannot make a " + name + ": " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot make a " + name, e);
    }
  }

  private static Class<?> load(String name) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? UserClass.class.getClassLoader() : context;
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          "Unknown class " + name + ". Put its jar on the class path of the job", e);
    }
  }
}
