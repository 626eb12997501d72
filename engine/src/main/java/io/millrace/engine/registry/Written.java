package io.millrace.engine.registry;

import java.util.Optional;

/**
 * A schema as a registry has it. One id names one schema for ever.
 *
 * @param schema its text
 * @param type such as AVRO or JSON
 * @param refers whether it needs others to be read
 */
public record Written(int id, String schema, String type, boolean refers) {
  /** Why it is not one whole schema of Avro, as it stands behind "schema id 7"; empty if it is. */
  public Optional<String> foreign() {
    if (!type.equals("AVRO")) {
      return Optional.of("is of type " + type + ", not of AVRO");
    }
    return refers
        ? Optional.of("refers to other schemas, which is not supported yet")
        : Optional.empty();
  }
}
