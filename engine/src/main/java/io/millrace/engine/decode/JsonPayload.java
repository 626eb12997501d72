package io.millrace.engine.decode;

import org.apache.spark.sql.types.StructType;

/** One JSON object, read with Spark's own conversions, and nothing behind it. */
record JsonPayload(StructType fields, String timeZone) implements Payload {
  @Override
  public String name() {
    return "JSON";
  }

  @Override
  public Parser parser() {
    JsonObjects objects = new JsonObjects(timeZone);
    JsonFields whole = new JsonFields(fields.asNullable(), "", objects::usual);
    return payload -> objects.read(payload, whole);
  }
}
