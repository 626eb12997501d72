package io.millrace.sinks.encode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Rows as records of a schema, in Avro's binary encoding. */
public final class AvroRecord {
  private final int[] ordinals;
  private final @Nullable AvroValue[] values;
  private final byte[][] defaults;

  /**
   * The record of these columns: each a field of the same name, and fields without a column have a
   * default.
   *
   * @throws IllegalArgumentException with a sentence, if they do not fit
   */
  public AvroRecord(StructType columns, Schema schema) {
    this("", columns, schema);
  }

  AvroRecord(String path, StructType columns, Schema schema) {
    List<Schema.Field> fields = schema.getFields();
    List<String> names = Arrays.asList(columns.fieldNames());
    ordinals = new int[fields.size()];
    values = new @Nullable AvroValue[fields.size()];
    defaults = new byte[fields.size()][];
    for (int at = 0; at < ordinals.length; at++) {
      Schema.Field field = fields.get(at);
      ordinals[at] = names.indexOf(field.name());
      if (ordinals[at] >= 0) {
        values[at] =
            AvroValue.of(
                path + field.name(), columns.apply(ordinals[at]).dataType(), field.schema());
      } else if (field.hasDefaultValue()) {
        defaults[at] = encoded(field);
      } else {
        throw new IllegalArgumentException(
            "Missing column %s: the Avro schema has a field of this name without a default. The columns are: %s"
                .formatted(path + field.name(), String.join(", ", names)));
      }
    }
    for (String name : names) {
      if (schema.getField(name) == null) {
        throw new IllegalArgumentException(
            "Cannot write column %s: the Avro schema has no field of this name. Leave it out in a sql step, or add it to the schema"
                .formatted(path + name));
      }
    }
  }

  private static byte[] encoded(Schema.Field field) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<>(field.schema())
          .write(GenericData.get().getDefaultValue(field), encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * Adds the record of a row.
   *
   * @throws UnfitValue if a value of it has no place in the schema
   */
  public void write(InternalRow row, Bytes out) {
    for (int at = 0; at < values.length; at++) {
      AvroValue value = values[at];
      if (value == null) {
        out.put(defaults[at]);
      } else {
        value.write(row, ordinals[at], out);
      }
    }
  }
}
