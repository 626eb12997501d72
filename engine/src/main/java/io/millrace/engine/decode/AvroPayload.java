package io.millrace.engine.decode;

import java.io.IOException;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.spark.sql.avro.AvroDeserializer;
import org.apache.spark.sql.avro.SchemaConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** One Avro record in the bare binary encoding, without a header. */
record AvroPayload(String schema) implements Payload {
  private static final int NO_RECURSION = -1;

  @Override
  public String name() {
    return "Avro";
  }

  @Override
  public StructType fields() {
    return (StructType) SchemaConverters.toSqlType(parsed()).dataType();
  }

  @Override
  public Parser parser() {
    return new Reader(parsed(), fields());
  }

  private Schema parsed() {
    return new Schema.Parser().parse(schema);
  }

  private static final class Reader implements Parser {
    private final GenericDatumReader<Object> reader;
    private final AvroDeserializer deserializer;
    private @Nullable BinaryDecoder decoder;

    private Reader(Schema schema, StructType fields) {
      reader = new GenericDatumReader<>(schema);
      deserializer = new AvroDeserializer(schema, fields, "CORRECTED", false, "", NO_RECURSION);
    }

    @Override
    public InternalRow parse(byte[] payload) throws BadPayload {
      try {
        decoder = DecoderFactory.get().binaryDecoder(payload, decoder);
        Object record = reader.read(null, decoder);
        if (!decoder.isEnd()) {
          throw new BadPayload("Expected one Avro record, found more behind it");
        }
        return (InternalRow) deserializer.deserialize(record).get();
      } catch (IOException | RuntimeException fault) {
        throw new BadPayload("Expected Avro of the schema, found other bytes: " + message(fault));
      }
    }

    private static String message(Exception fault) {
      return Optional.ofNullable(fault.getMessage())
          .flatMap(text -> text.lines().findFirst())
          .orElse(fault.getClass().getSimpleName());
    }
  }
}
