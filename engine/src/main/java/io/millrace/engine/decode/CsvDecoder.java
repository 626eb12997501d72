package io.millrace.engine.decode;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Tombstones;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;

/** One line of delimited values per payload. */
public record CsvDecoder(Settings settings, StructType schema) implements Decoder {
  /** What it takes. */
  public record Settings(
      @Doc("The fields in the order of the line, for example: id bigint not null, name string.")
          @Shorthand
          Optional<String> schema,
      @Doc("A file with the fields: .ddl or .sql, a JSON Schema .json, or Avro .avsc.")
          Optional<String> schemaFile,
      @Doc("What stands between two values.") @Default(",") String delimiter,
      @Doc(Schemas.TOMBSTONES) @Default("dead-letter") Tombstones tombstones) {
    public Settings {
      Schemas.requireOne(schema, schemaFile);
      if (delimiter.isEmpty()) {
        throw new IllegalArgumentException("Missing delimiter. Name a character such as ;");
      }
    }
  }

  public CsvDecoder(Settings settings) {
    this(settings, Schemas.of(settings.schema(), settings.schemaFile()));
  }

  @Override
  public Tombstones tombstones() {
    return settings.tombstones();
  }

  @Override
  public Column decode(Column payload) {
    return Decode.decode(
        new CsvPayload(schema, settings.delimiter(), SQLConf.get().sessionLocalTimeZone()),
        payload);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
