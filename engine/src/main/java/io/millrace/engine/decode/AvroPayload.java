package io.millrace.engine.decode;

import org.apache.avro.Schema;
import org.apache.spark.sql.avro.SchemaConverters;
import org.apache.spark.sql.types.StructType;

/** One Avro record in the bare binary encoding, without a header. */
record AvroPayload(String schema) implements Payload {
  @Override
  public String name() {
    return "Avro";
  }

  @Override
  public StructType fields() {
    return fields(parsed());
  }

  static StructType fields(Schema schema) {
    return (StructType) SchemaConverters.toSqlType(schema).dataType();
  }

  @Override
  public Parser parser() {
    AvroRecords records = new AvroRecords(parsed(), parsed());
    return payload -> records.read(payload, 0);
  }

  private Schema parsed() {
    return new Schema.Parser().parse(schema);
  }
}
