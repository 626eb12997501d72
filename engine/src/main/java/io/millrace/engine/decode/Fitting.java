package io.millrace.engine.decode;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** Whether what one schema wrote can be read by another without a change of meaning. */
final class Fitting {
  private Fitting() {}

  /**
   * Why it cannot, as it stands behind "schema id 7 does not fit: "; empty if it can. Avro looks at
   * the bare types only: to it, milliseconds are microseconds, and cents are euros.
   */
  static Optional<String> misfit(Schema reader, Schema writer) {
    SchemaCompatibility.SchemaCompatibilityResult result =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    if (result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE) {
      return meaning("", reader, writer);
    }
    return result.getIncompatibilities().stream()
        .findFirst()
        .map(
            found ->
                switch (found.getType()) {
                  case READER_FIELD_MISSING_DEFAULT_VALUE ->
                      "it lacks field %s, which has no default".formatted(found.getMessage());
                  case NAME_MISMATCH -> found.getMessage();
                  default -> found.getMessage() + " at " + path(reader, found.getLocation());
                });
  }

  /** A place within a schema, such as /fields/1/type, by the names of its fields. */
  private static String path(Schema schema, String location) {
    StringBuilder path = new StringBuilder();
    Schema at = schema;
    String[] words = location.split("/", -1);
    for (int next = 1; next < words.length; next++) {
      if (at.getType() == Schema.Type.RECORD && words[next].equals("fields")) {
        next++;
        Schema.Field field = at.getFields().get(Integer.parseInt(words[next]));
        path.append(path.isEmpty() ? "" : ".").append(field.name());
        at = field.schema();
      } else if (at.getType() == Schema.Type.UNION && words[next].matches("\\d+")) {
        at = at.getTypes().get(Integer.parseInt(words[next]));
      } else if (at.getType() == Schema.Type.ARRAY && words[next].equals("items")) {
        at = at.getElementType();
      } else if (at.getType() == Schema.Type.MAP && words[next].equals("values")) {
        at = at.getValueType();
      }
    }
    return path.isEmpty() ? location : path.toString();
  }

  private static Optional<String> meaning(String path, Schema reader, Schema writer) {
    if (writer.getType() == Schema.Type.UNION) {
      return first(writer.getTypes().stream().map(branch -> meaning(path, reader, branch)));
    }
    if (reader.getType() == Schema.Type.UNION) {
      // Avro takes the branch of the same type, else the first that the value can be widened to.
      return Stream.concat(
              reader.getTypes().stream().filter(branch -> branch.getType() == writer.getType()),
              reader.getTypes().stream().filter(branch -> reads(branch, writer)))
          .filter(branch -> reads(branch, writer))
          .findFirst()
          .flatMap(branch -> meaning(path, branch, writer));
    }
    if (reader.getType() != writer.getType()) {
      return logical(path, reader, writer);
    }
    return switch (reader.getType()) {
      case RECORD ->
          first(
              reader.getFields().stream()
                  .map(
                      field ->
                          Optional.ofNullable(SchemaCompatibility.lookupWriterField(writer, field))
                              .flatMap(
                                  was ->
                                      meaning(
                                          (path.isEmpty() ? "" : path + ".") + field.name(),
                                          field.schema(),
                                          was.schema()))));
      case ARRAY -> meaning(path, reader.getElementType(), writer.getElementType());
      case MAP -> meaning(path, reader.getValueType(), writer.getValueType());
      default -> logical(path, reader, writer);
    };
  }

  private static boolean reads(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
        == SchemaCompatibilityType.COMPATIBLE;
  }

  private static Optional<String> first(Stream<Optional<String>> all) {
    return all.flatMap(Optional::stream).findFirst();
  }

  private static Optional<String> logical(String path, Schema reader, Schema writer) {
    String wanted = logical(reader);
    String found = logical(writer);
    return wanted.equals(found)
        ? Optional.empty()
        : Optional.of("%s is %s, not %s".formatted(path, found, wanted));
  }

  /** What a value means beyond its type; a text means the same, whatever more is said of it. */
  private static String logical(Schema schema) {
    return switch (schema.getType()) {
      case STRING -> "string";
      case INT, LONG, FLOAT, DOUBLE, BYTES, FIXED, NULL, BOOLEAN, ENUM, ARRAY, MAP, RECORD, UNION ->
          Optional.ofNullable(schema.getLogicalType())
              .map(
                  type ->
                      type instanceof LogicalTypes.Decimal decimal
                          ? "decimal of scale " + decimal.getScale()
                          : type.getName())
              .orElse("a plain value");
    };
  }
}
