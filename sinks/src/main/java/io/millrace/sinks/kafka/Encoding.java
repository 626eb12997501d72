package io.millrace.sinks.kafka;

import io.millrace.engine.registry.RecordSchema;
import io.millrace.engine.registry.RefusedSchemaException;
import io.millrace.engine.registry.RegistryClient;
import io.millrace.engine.registry.SchemaRegistry;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Shorthand;
import io.millrace.sinks.encode.AvroColumns;
import io.millrace.sinks.encode.AvroRecord;
import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.encode.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.spark.sql.types.StructType;

/** What the columns of a row become where they are the value of a record together. */
public sealed interface Encoding {
  /** How the rows of a topic become values. Not for two threads. */
  Field field(String topic, StructType rows);

  /**
   * Makes all ready that values of this topic need.
   *
   * @throws IllegalArgumentException with a sentence, if the rows do not fit or a registry refuses
   */
  void prepare(String topic, StructType rows);

  /** A JSON object of all columns that are not null. */
  record Json() implements Encoding {
    @Override
    public Field field(String topic, StructType rows) {
      return Field.json(rows);
    }

    @Override
    public void prepare(String topic, StructType rows) {
      Field unused = field(topic, rows);
    }
  }

  /** A record of Avro; with a registry, the id of its schema before it. */
  record Avro(
      @Doc("The Avro schema of a record, as JSON. Left out, it is made from the columns.")
          @Shorthand
          Optional<String> schema,
      @Doc("A file with the Avro schema, .avsc.") Optional<String> schemaFile,
      @Doc(
              "The name of the record where its schema is made from the columns. That of the topic"
                  + " if left out, with _ for what a name cannot hold.")
          Optional<String> record,
      @Doc(
              "The registry that keeps the schema. Values begin with byte 0 and the four bytes of"
                  + " its id then.")
          Optional<SchemaRegistry> registry,
      @Doc("The subject of the schema: the name of the topic and -value, if left out.")
          Optional<String> subject,
      @Doc(
              "Whether a start registers the schema; if not, the subject must have it. true if left"
                  + " out.")
          Optional<Boolean> register)
      implements Encoding {
    public Avro {
      if (schema.isPresent() && schemaFile.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot take both schema and schema-file. Use one of them");
      }
      if (record.isPresent() && (schema.isPresent() || schemaFile.isPresent())) {
        throw new IllegalArgumentException(
            "Cannot name a record whose schema is given. Leave out record");
      }
      if (registry.isEmpty() && (subject.isPresent() || register.isPresent())) {
        throw new IllegalArgumentException(
            "Cannot use %s without a registry. Name it with registry, or leave it out"
                .formatted(subject.isPresent() ? "subject" : "register"));
      }
      String setting = schema.isPresent() ? "schema" : "schema-file";
      // The file is the driver's: tasks get what is in it.
      schema = schemaFile.isPresent() ? schemaFile.map(Avro::read) : schema;
      schemaFile = Optional.empty();
      if (schema.isPresent()) {
        Schema unused = RecordSchema.parse(setting, schema.get());
      }
    }

    private static String read(String file) {
      try {
        return Files.readString(Path.of(file));
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "Cannot read the file " + file + ": " + e.getMessage(), e);
      }
    }

    private Schema schema(String topic, StructType rows) {
      return schema
          .map(text -> RecordSchema.parse("schema", text))
          .orElseGet(() -> AvroColumns.record(record.orElseGet(() -> name(topic)), rows));
    }

    private static String name(String topic) {
      String word = topic.replaceAll("[^A-Za-z0-9_]", "_");
      return word.matches("[0-9].*") ? "_" + word : word;
    }

    private String subject(String topic) {
      return subject.orElse(topic + "-value");
    }

    @Override
    public Field field(String topic, StructType rows) {
      Schema written = schema(topic, rows);
      AvroRecord avro = new AvroRecord(rows, written);
      Bytes bytes = new Bytes(512);
      registry.ifPresent(
          where -> {
            bytes.putByte(0);
            bytes.putInt(id(where, topic, written));
          });
      int header = bytes.size();
      return row -> {
        bytes.cut(header);
        avro.write(row, bytes);
        return bytes.copy();
      };
    }

    /** What the start has made sure of. */
    private int id(SchemaRegistry where, String topic, Schema written) {
      RegistryClient client = RegistryClient.of(where);
      return client
          .id(subject(topic), written.toString())
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "Cannot write to topic %s: subject %s of %s does not have its schema. Register it, or use register: true"
                          .formatted(topic, subject(topic), client.place())));
    }

    @Override
    public void prepare(String topic, StructType rows) {
      Schema written = schema(topic, rows);
      AvroRecord unused = new AvroRecord(rows, written);
      registry.ifPresent(where -> settle(where, topic, written));
    }

    private void settle(SchemaRegistry where, String topic, Schema written) {
      RegistryClient client = RegistryClient.of(where);
      try {
        int unused =
            register.orElse(true)
                ? client.register(subject(topic), written.toString())
                : id(where, topic, written);
      } catch (RefusedSchemaException e) {
        throw new IllegalArgumentException(
            "Cannot register the schema of topic %s: %s refuses it for subject %s: %s. Change the columns so that it fits, or write to another topic"
                .formatted(topic, client.place(), subject(topic), e.getMessage()),
            e);
      }
    }
  }
}
