package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A column that a score adds.
 *
 * @param column of the model
 * @param index of a place in it, where it is a vector
 */
record Output(String name, String column, OptionalInt index) {
  private static final Pattern EXPRESSION =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?:\\s*\\[\\s*([0-9]{1,9})\\s*])?");

  /**
   * The outputs of a step, in the order of the job file.
   *
   * @throws IllegalArgumentException with a sentence
   */
  static List<Output> all(Map<String, String> output) {
    if (output.isEmpty()) {
      throw new IllegalArgumentException("Needs at least one output, such as verdict: prediction");
    }
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : output.keySet()) {
      checkName(name);
      if (!names.add(name)) {
        throw new IllegalArgumentException("Cannot name two outputs " + name);
      }
    }
    return output.entrySet().stream().map(entry -> of(entry.getKey(), entry.getValue())).toList();
  }

  static void checkName(String name) {
    if (name.isBlank() || name.startsWith("_")) {
      throw new IllegalArgumentException(
          "Cannot name an output '" + name + "': names with an underscore in front are taken");
    }
  }

  static Output of(String name, String expression) {
    Matcher matcher = EXPRESSION.matcher(expression.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Expected a column of the model such as prediction or probability[1] for the output "
              + name
              + ", found "
              + expression
              + ". Compute with it in a step behind");
    }
    String column = matcher.group(1);
    return new Output(
        name,
        column,
        matcher.group(2) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(matcher.group(2))));
  }

  /**
   * Its type.
   *
   * @throws IllegalArgumentException with a sentence, if the model has nothing of the kind
   */
  DataType type(Manifest manifest) {
    Manifest.Field field = field(manifest);
    boolean vector = field.type().equals(Manifest.VECTOR);
    if (index.isPresent() && !vector) {
      throw new IllegalArgumentException(
          "Cannot take a place of " + column + ", which is no vector. Write " + column);
    }
    if (index.isPresent() && index.getAsInt() >= field.size()) {
      throw new IllegalArgumentException(
          "Cannot take place "
              + index.getAsInt()
              + " of "
              + column
              + ", which has places 0 to "
              + (field.size() - 1));
    }
    if (index.isPresent()) {
      return DataTypes.DoubleType;
    }
    return vector ? DataTypes.createArrayType(DataTypes.DoubleType, false) : Schemas.type(field);
  }

  /** Its value, over the columns that the model adds. */
  Column of(Manifest manifest) {
    Manifest.Field field = field(manifest);
    Column value = col(field.name());
    if (!field.type().equals(Manifest.VECTOR)) {
      return value;
    }
    Column array = functions.vector_to_array(value, "float64");
    return index.isPresent() ? array.getItem(index.getAsInt()) : array;
  }

  /** The column of the model. */
  Manifest.Field field(Manifest manifest) {
    Optional<Manifest.Field> found =
        manifest.outputs().stream()
            .filter(field -> field.name().equalsIgnoreCase(column))
            .findFirst();
    return found.orElseThrow(
        () ->
            new IllegalArgumentException(
                "Unknown column "
                    + column
                    + " of the model "
                    + manifest.model()
                    + ". It has "
                    + String.join(
                        ", ", manifest.outputs().stream().map(Manifest.Field::name).toList())));
  }
}
