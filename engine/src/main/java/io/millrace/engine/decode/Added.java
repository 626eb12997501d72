package io.millrace.engine.decode;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/** What a schema has beyond another that it fits. */
final class Added {
  private Added() {}

  /** The first field that only the writer's has, by its path. */
  static Optional<String> field(String path, Schema reader, Schema writer) {
    Schema wanted = present(reader);
    Schema found = present(writer);
    if (wanted.getType() != found.getType()) {
      return Optional.empty();
    }
    return switch (wanted.getType()) {
      case ARRAY -> field(path, wanted.getElementType(), found.getElementType());
      case MAP -> field(path, wanted.getValueType(), found.getValueType());
      case RECORD -> {
        Set<String> known =
            wanted.getFields().stream()
                .flatMap(field -> Stream.concat(Stream.of(field.name()), field.aliases().stream()))
                .collect(Collectors.toSet());
        yield found.getFields().stream()
            .map(
                field -> {
                  String name = (path.isEmpty() ? "" : path + ".") + field.name();
                  Schema.Field same = wanted.getField(field.name());
                  return !known.contains(field.name())
                      ? Optional.of(name)
                      : same == null
                          ? Optional.<String>empty()
                          : field(name, same.schema(), field.schema());
                })
            .flatMap(Optional::stream)
            .findFirst();
      }
      default -> Optional.empty();
    };
  }

  /** What a nullable value is where it is not null. */
  private static Schema present(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      return schema;
    }
    return schema.getTypes().stream()
        .filter(branch -> branch.getType() != Schema.Type.NULL)
        .findFirst()
        .orElse(schema);
  }
}
