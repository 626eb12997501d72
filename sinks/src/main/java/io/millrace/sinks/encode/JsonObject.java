package io.millrace.sinks.encode;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Rows as JSON objects in UTF-8, as Spark's {@code to_json} writes them, but for times: where a
 * time has microseconds, they are written. A null column is left out. Not for two threads.
 */
public final class JsonObject {
  private final int[] ordinals;
  private final byte[][] names;
  private final JsonValue[] values;

  /**
   * The object of these columns.
   *
   * @param zone in which times are told
   * @throws IllegalArgumentException with a sentence, if a column has no form in JSON
   */
  public JsonObject(StructType columns, ZoneId zone) {
    this("", columns, zone);
  }

  /** The same of some columns: those at these places. */
  public JsonObject(StructType columns, int[] ordinals, ZoneId zone) {
    this("", columns, ordinals, zone);
  }

  JsonObject(String path, StructType columns, ZoneId zone) {
    this(path, columns, IntStream.range(0, columns.length()).toArray(), zone);
  }

  private JsonObject(String path, StructType columns, int[] ordinals, ZoneId zone) {
    this.ordinals = ordinals.clone();
    names = new byte[ordinals.length][];
    values = new JsonValue[ordinals.length];
    for (int at = 0; at < ordinals.length; at++) {
      StructField field = columns.apply(ordinals[at]);
      names[at] = name(field.name());
      values[at] = JsonValue.of(path + field.name(), field.dataType(), zone);
    }
  }

  private static byte[] name(String name) {
    Bytes quoted = new Bytes(name.length() + 3);
    JsonString.write(UTF8String.fromBytes(name.getBytes(StandardCharsets.UTF_8)), quoted);
    quoted.putByte(':');
    return quoted.copy();
  }

  /** Adds the object of a row. */
  public void write(InternalRow row, Bytes out) {
    out.putByte('{');
    boolean first = true;
    for (int at = 0; at < values.length; at++) {
      int ordinal = ordinals[at];
      if (!row.isNullAt(ordinal)) {
        if (!first) {
          out.putByte(',');
        }
        first = false;
        out.put(names[at]);
        values[at].write(row, ordinal, out);
      }
    }
    out.putByte('}');
  }
}
