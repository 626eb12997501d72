package io.millrace.engine.registry;

import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/** Avro schemas of records. */
public final class RecordSchema {
  private RecordSchema() {}

  /**
   * The schema that a text holds.
   *
   * @param where the text is from, for the sentence
   * @throws IllegalArgumentException with a sentence, if it is not that of a record
   */
  public static Schema parse(String where, String text) {
    Schema schema;
    try {
      schema = new Schema.Parser().parse(text);
    } catch (AvroRuntimeException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("it is empty");
      throw new IllegalArgumentException("Cannot read the Avro schema of " + where + ": " + why, e);
    }
    if (schema.getType() != Schema.Type.RECORD) {
      throw new IllegalArgumentException(
          "Expected an Avro record in " + where + ", found " + schema.getType().getName());
    }
    return schema;
  }
}
