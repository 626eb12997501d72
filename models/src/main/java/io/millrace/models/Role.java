package io.millrace.models;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a model of a step is for. */
enum Role {
  /** It scores. */
  MAIN,
  /** It scores a share of the keys in place of the main one. */
  SPLIT,
  /** It scores beside the others, for the figures alone. */
  SHADOW;

  /**
   * The versions of all models of a step as one text: {@code v3 split=v4 shadow=v5}. Names of
   * versions have neither spaces nor equals signs.
   */
  static String text(Map<Role, String> versions) {
    return new EnumMap<>(versions)
        .entrySet().stream()
            .map(
                each ->
                    each.getKey() == MAIN
                        ? each.getValue()
                        : each.getKey().word() + "=" + each.getValue())
            .collect(Collectors.joining(" "));
  }

  /** The versions that such a text tells. */
  static Map<Role, String> versions(String text) {
    Map<Role, String> versions = new EnumMap<>(Role.class);
    for (String part : text.split(" ", -1)) {
      int sign = part.indexOf('=');
      if (sign < 0) {
        versions.put(MAIN, part);
      } else {
        versions.put(
            valueOf(part.substring(0, sign).toUpperCase(Locale.ROOT)), part.substring(sign + 1));
      }
    }
    return versions;
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
