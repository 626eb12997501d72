package io.millrace.engine.decode;

import io.millrace.engine.decode.Payload.BadPayload;
import java.io.IOException;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.spark.sql.avro.AvroDeserializer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Records of one writer's schema, as the columns of a reader's. Not for two threads. */
final class AvroRecords {
  private static final int NO_RECURSION = -1;

  private final GenericDatumReader<Object> reader;
  private final AvroDeserializer deserializer;
  private @Nullable BinaryDecoder decoder;

  AvroRecords(Schema writer, Schema reader) {
    this.reader = new GenericDatumReader<>(writer, reader);
    this.deserializer =
        new AvroDeserializer(
            reader, AvroPayload.fields(reader), "CORRECTED", false, "", NO_RECURSION);
  }

  /** The record that takes up a payload from a place on. */
  InternalRow read(byte[] payload, int from) throws BadPayload {
    try {
      decoder = DecoderFactory.get().binaryDecoder(payload, from, payload.length - from, decoder);
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
