package io.millrace.sinks.jdbc;

import java.io.CharArrayWriter;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.json.JSONOptions;
import org.apache.spark.sql.catalyst.json.JacksonGenerator;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Nested values as the text that Spark's {@code to_json} gives, in UTC. Not for two threads. */
final class Json {
  private final DataType type;
  private final CharArrayWriter text = new CharArrayWriter();
  private final JacksonGenerator generator;

  Json(DataType type) {
    this.type = type;
    scala.collection.immutable.Map<String, String> none =
        scala.collection.immutable.Map.from(CollectionConverters.asScala(Map.of()));
    this.generator = new JacksonGenerator(type, text, new JSONOptions(none, "UTC", "_corrupt"));
  }

  String text(SpecializedGetters row, int ordinal) {
    if (type instanceof StructType struct) {
      generator.write(row.getStruct(ordinal, struct.length()));
    } else if (type instanceof ArrayType) {
      generator.write(row.getArray(ordinal));
    } else if (type instanceof MapType) {
      generator.write(row.getMap(ordinal));
    }
    generator.flush();
    String written = text.toString();
    text.reset();
    return written;
  }
}
