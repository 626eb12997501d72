package io.millrace.engine.decode;

import io.millrace.engine.registry.RegistryClient;
import io.millrace.engine.registry.SchemaRegistry;
import io.millrace.engine.registry.Written;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Tombstones;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructType;

/**
 * One Avro record per payload: in the bare binary encoding, or with the id of its schema in a
 * registry before it, in Confluent's form.
 *
 * @param written the schema of the columns, if it is known
 * @param topic whose payloads they are, if that is one
 */
public record AvroDecoder(Settings settings, Optional<String> written, Optional<String> topic)
    implements Decoder {
  /** What it takes. */
  public record Settings(
      @Doc(
              "The Avro schema of a record, as JSON. With a registry, the columns of the job; left"
                  + " out, those of the subject's newest schema, known only at a start.")
          @Shorthand
          Optional<String> schema,
      @Doc("A file with the Avro schema, .avsc.") Optional<String> schemaFile,
      @Doc(
              "The registry that has the schemas. Payloads begin with byte 0 and the four bytes of"
                  + " an id then.")
          Optional<SchemaRegistry> registry,
      @Doc("The subject of the schemas: the name of the topic and -value, if left out.")
          Optional<String> subject,
      @Doc(
              "What becomes of payloads of other schemas: fail stops the job, compatible reads what"
                  + " fits by Avro's rules and stops at others, dead-letter makes those dead"
                  + " letters, latest is compatible with the newest columns at each start and stops"
                  + " for new ones. compatible if left out.")
          Optional<Evolution> evolution,
      @Doc(Schemas.TOMBSTONES) @Default("dead-letter") Tombstones tombstones) {
    public Settings {
      if (registry.isEmpty()) {
        Schemas.requireOne(schema, schemaFile);
        requireNone("subject", subject);
        requireNone("evolution", evolution);
      } else if (schema.isPresent() && schemaFile.isPresent()) {
        Schemas.requireOne(schema, schemaFile);
      }
      if (evolution.filter(Evolution.LATEST::equals).isPresent()
          && (schema.isPresent() || schemaFile.isPresent())) {
        throw new IllegalArgumentException(
            "Cannot take the newest columns and those of a schema. Leave out schema, or use"
                + " evolution: compatible");
      }
    }

    private static void requireNone(String setting, Optional<?> value) {
      if (value.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot use "
                + setting
                + " without a registry. Name it with registry, or leave it out");
      }
    }

    boolean declares() {
      return schema.isPresent() || schemaFile.isPresent();
    }
  }

  public AvroDecoder(Settings settings) {
    this(settings, declared(settings), Optional.empty());
  }

  private static Optional<String> declared(Settings settings) {
    return settings.declares()
        ? Optional.of(
            Schemas.avro(
                settings.schema().isPresent() ? Schemas.TEXT : Schemas.FILE,
                settings.schema().orElseGet(() -> text(settings))))
        : Optional.empty();
  }

  private static String text(Settings settings) {
    return Schemas.read(Path.of(settings.schemaFile().orElseThrow()));
  }

  @Override
  public Decoder of(Optional<String> named) {
    if (settings.registry().isEmpty()) {
      return this;
    }
    AvroDecoder decoder = new AvroDecoder(settings, written, named);
    if (written.isEmpty() && decoder.subject().isEmpty()) {
      throw new IllegalArgumentException(
          "Missing subject: the source does not read one topic that names it. Name the subject"
              + " whose newest schema gives the columns, or write a schema");
    }
    return decoder;
  }

  private Optional<String> subject() {
    return settings.subject().or(() -> topic.map(name -> name + "-value"));
  }

  @Override
  public Optional<StructType> known() {
    return written.map(text -> new AvroPayload(text).fields());
  }

  @Override
  public StructType schema() {
    return known()
        .orElseThrow(
            () -> new IllegalStateException("Cannot tell the columns before they are asked for"));
  }

  @Override
  public Decoder opened() {
    return written.isPresent()
        ? this
        : new AvroDecoder(settings, Optional.of(newest(subject().orElseThrow())), topic);
  }

  private String newest(String subject) {
    RegistryClient client = RegistryClient.of(settings.registry().orElseThrow());
    Written newest =
        client
            .newest(subject)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "Cannot find the columns: %s has no subject %s. Name it with subject, write a schema, or register one"
                            .formatted(client.place(), subject)));
    newest
        .foreign()
        .ifPresent(
            why -> {
              throw new IllegalStateException(
                  "Cannot take the columns from schema id %d of subject %s: it %s. Write a schema"
                      .formatted(newest.id(), subject, why));
            });
    return Schemas.avro("subject " + subject, newest.schema());
  }

  @Override
  public Tombstones tombstones() {
    return settings.tombstones();
  }

  @Override
  public Column decode(Column payload) {
    String schema = written.orElseThrow();
    Payload form =
        settings
            .registry()
            .<Payload>map(
                registry ->
                    new RegisteredPayload(
                        schema,
                        registry,
                        settings.evolution().orElse(Evolution.COMPATIBLE),
                        subject()))
            .orElseGet(() -> new AvroPayload(schema));
    return Decode.decode(form, payload);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
