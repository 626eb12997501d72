package io.millrace.models;

import java.util.List;
import java.util.Locale;

/** Turns one column into another. */
public sealed interface SingleColumn extends ColumnStage permits ScalarStage, TextStage {
  /** The column that it reads. */
  String input();

  /** The column that it adds. */
  String output();

  @Override
  default List<String> inputs() {
    return List.of(input());
  }

  @Override
  default List<String> outputs() {
    return List.of(output());
  }

  /** Refuses an output with the name of the input. */
  static void apart(String input, String output) {
    if (input.equalsIgnoreCase(output)) {
      throw new IllegalArgumentException(
          "Cannot write " + output + " over its own input. Give the output a name of its own");
    }
  }

  /** A constant as Spark writes it. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
