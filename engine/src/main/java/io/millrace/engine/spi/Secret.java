package io.millrace.engine.spi;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A value that is kept elsewhere: {@code ${NAME}} or {@code ${file:/run/secrets/x}}. It holds the
 * reference only, and looks the value up on the JVM that needs it. It never prints.
 */
public final class Secret implements Serializable {
  private static final long serialVersionUID = 1;

  private final String reference;

  private Secret(String reference) {
    this.reference = reference;
  }

  /**
   * A secret behind one reference.
   *
   * @throws IllegalArgumentException if the text is anything but a single reference
   */
  public static Secret of(String reference) {
    if (!reference.matches("\\$\\{[^${}]+}")) {
      throw new IllegalArgumentException(
          "Needs a reference, not the secret itself. Write ${NAME} or ${file:/run/secrets/name}");
    }
    return new Secret(reference);
  }

  /**
   * The value, looked up now.
   *
   * @throws IllegalStateException if the variable or the file is not there
   */
  public String reveal() {
    String inside = reference.substring(2, reference.length() - 1);
    return inside.startsWith("file:") ? read(Path.of(inside.substring(5))) : variable(inside);
  }

  private static String read(Path file) {
    if (!Files.isReadable(file)) {
      throw new IllegalStateException("Cannot read the secret file " + file);
    }
    try {
      return Files.readString(file).stripTrailing();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the secret file " + file, e);
    }
  }

  private static String variable(String inside) {
    int dash = inside.indexOf(":-");
    String name = dash < 0 ? inside : inside.substring(0, dash);
    String value = System.getenv(name);
    if (value == null && dash >= 0) {
      return inside.substring(dash + 2);
    }
    if (value == null) {
      throw new IllegalStateException("Missing variable " + name + " on this machine");
    }
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.reference.equals(reference);
  }

  @Override
  public int hashCode() {
    return reference.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
