package io.millrace.engine.plan;

import java.util.Locale;

/** Names of Java as they are written in a job file. */
final class Kebab {
  private Kebab() {}

  /** {@code maxPerBatch} is max-per-batch; {@code else_} is else, as Java keeps that word. */
  static String ofName(String name) {
    String bare = name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    return bare.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-")
        .toLowerCase(Locale.ROOT);
  }

  /** {@code EXACTLY_ONCE} is exactly-once. */
  static String ofConstant(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
