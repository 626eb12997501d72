package io.millrace.engine.spec;

import java.util.regex.Pattern;

/** What a plain scalar is by the core schema of YAML 1.2. */
final class CoreSchema {
  private static final Pattern NOTHING = Pattern.compile("null|Null|NULL|~|");
  private static final Pattern TRUTH = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
  private static final Pattern DECIMAL =
      Pattern.compile(
          "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private CoreSchema() {}

  static Tree.Type type(String plain) {
    if (NOTHING.matcher(plain).matches()) {
      return Tree.Type.NOTHING;
    }
    if (TRUTH.matcher(plain).matches()) {
      return Tree.Type.TRUTH;
    }
    if (WHOLE.matcher(plain).matches()) {
      return Tree.Type.WHOLE;
    }
    return DECIMAL.matcher(plain).matches() ? Tree.Type.DECIMAL : Tree.Type.TEXT;
  }
}
