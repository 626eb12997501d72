package io.millrace.engine.decode;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Shorthand;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructType;

/** One Avro record per payload, in the bare binary encoding. */
public record AvroDecoder(Settings settings, String written) implements Decoder {
  /** What it takes. */
  public record Settings(
      @Doc("The Avro schema of a record, as JSON.") @Shorthand Optional<String> schema,
      @Doc("A file with the Avro schema, .avsc.") Optional<String> schemaFile) {
    public Settings {
      Schemas.requireOne(schema, schemaFile);
    }
  }

  public AvroDecoder(Settings settings) {
    this(
        settings,
        Schemas.avro(
            settings.schema().isPresent() ? "schema" : "schema-file",
            settings.schema().orElseGet(() -> text(settings))));
  }

  private static String text(Settings settings) {
    return Schemas.read(Path.of(settings.schemaFile().orElseThrow()));
  }

  @Override
  public StructType schema() {
    return new AvroPayload(written).fields();
  }

  @Override
  public Column decode(Column payload) {
    return Decode.decode(new AvroPayload(written), payload);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
