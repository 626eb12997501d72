package io.millrace.sinks.pool;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which properties of a driver a job may set, in the URL or beside it. */
final class DriverProperties {
  private DriverProperties() {}

  static void check(String url, Map<String, String> properties) {
    Vendor vendor = Vendor.of(url);
    Set<String> allowed = vendor.allowed();
    boolean anyCase = vendor == Vendor.H2;
    parameters(url).forEach(name -> check(name, allowed, anyCase));
    new TreeSet<>(properties.keySet()).forEach(name -> check(name, allowed, anyCase));
    if (url.matches("jdbc:[a-z0-9]+:[^?;]*//[^/?;]*@.*")) {
      throw new IllegalArgumentException(
          "Cannot take a login in the URL " + place(url) + ". Use user and password");
    }
    if (vendor == Vendor.SQLITE && url.contains(":memory:")) {
      throw new IllegalArgumentException(
          "Cannot share " + url + ", which every connection has for itself. Name a file");
    }
  }

  /** What stands before the parameters, without a login. */
  static String place(String url) {
    return url.split("[?;]", 2)[0].replaceFirst("//[^/]*@", "//");
  }

  private static void check(String name, Set<String> allowed, boolean anyCase) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.equals("user") || lower.equals("password")) {
      throw new IllegalArgumentException(
          "Cannot take " + lower + " as a property of the driver. Use the setting " + lower);
    }
    Optional<String> known = allowed.stream().filter(name::equalsIgnoreCase).findFirst();
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot set the driver's property "
              + name
              + ". One may set: "
              + String.join(", ", new TreeSet<>(allowed)));
    }
    if (!anyCase && !known.get().equals(name)) {
      throw new IllegalArgumentException(
          "Cannot set the driver's property "
              + name
              + ", which it would ignore. Write "
              + known.get());
    }
  }

  private static List<String> parameters(String url) {
    String[] parts = url.split(url.startsWith("jdbc:h2:") ? ";" : "[?&]");
    return Arrays.stream(parts)
        .skip(1)
        .filter(part -> !part.isEmpty())
        .map(part -> part.split("=", 2)[0])
        .toList();
  }
}
