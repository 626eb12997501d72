package io.millrace.engine.decode;

import io.millrace.engine.registry.RegistryClient;
import io.millrace.engine.registry.SchemaRegistry;
import io.millrace.engine.registry.Written;
import io.millrace.engine.spi.Packed;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * One Avro record behind byte 0 and the four bytes of its schema's id.
 *
 * @param schema of the columns
 * @param subject of the schemas, which only a job with the newest columns needs
 */
record RegisteredPayload(
    String schema, SchemaRegistry registry, Evolution evolution, Optional<String> subject)
    implements Payload {
  private static final int HEADER = 5;

  @Override
  public String name() {
    return "Avro";
  }

  @Override
  public StructType fields() {
    return AvroPayload.fields(new Schema.Parser().parse(schema));
  }

  @Override
  public Parser parser() {
    return new Reader(this);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }

  /** How records of one id are read, or why none of them is. */
  private record Form(@Nullable AvroRecords records, String rule, String reason) {
    static Form refused(String rule, String reason) {
      return new Form(null, rule, reason);
    }

    InternalRow read(byte[] payload) throws BadPayload {
      if (records == null) {
        throw new BadPayload(rule, reason);
      }
      return records.read(payload, HEADER);
    }
  }

  private static final class Reader implements Parser {
    private final RegisteredPayload how;
    private final RegistryClient client;
    private final Schema wanted;
    private final Map<Integer, Form> forms = new HashMap<>();
    private int last;
    private @Nullable Form ofLast;

    private Reader(RegisteredPayload how) {
      this.how = how;
      this.client = RegistryClient.of(how.registry());
      this.wanted = new Schema.Parser().parse(how.schema());
    }

    @Override
    public InternalRow parse(byte[] payload) throws BadPayload {
      if (payload.length < HEADER || payload[0] != 0) {
        throw new BadPayload(
            "schema_header",
            "Expected Avro behind byte 0 and the id of a schema, found "
                + (payload.length < HEADER
                    ? payload.length + " bytes"
                    : "byte " + (payload[0] & 0xff)));
      }
      int id = ByteBuffer.wrap(payload).getInt(1);
      if (ofLast == null || id != last) {
        ofLast = forms.computeIfAbsent(id, this::form);
        last = id;
      }
      return ofLast.read(payload);
    }

    private Form form(int id) {
      Optional<Written> found = client.schema(id);
      if (found.isEmpty()) {
        if (how.evolution() == Evolution.FAIL) {
          throw new IllegalStateException(
              "Cannot read a payload of schema id %s: %s knows none of this id. Register it, or use evolution: dead-letter"
                  .formatted(Integer.toUnsignedString(id), client.place()));
        }
        return Form.refused(
            "schema_unknown",
            "Expected a schema that the registry knows, found id " + Integer.toUnsignedString(id));
      }
      Optional<String> foreign = found.get().foreign().map(why -> "it " + why);
      if (foreign.isPresent()) {
        return misfit(id, foreign.get());
      }
      return form(id, parsed(found.get()));
    }

    private Form form(int id, Schema writer) {
      if (how.evolution() == Evolution.FAIL && !writer.equals(wanted)) {
        throw new IllegalStateException(
            "Cannot read a payload of schema id %d with evolution: fail: its schema is not that of the job. Give the job that schema, or use evolution: compatible"
                .formatted(id));
      }
      Optional<String> misfit = Fitting.misfit(wanted, writer);
      if (misfit.isPresent()) {
        return misfit(id, misfit.get());
      }
      if (how.evolution() == Evolution.LATEST) {
        requireNewest(id, writer);
      }
      return new Form(new AvroRecords(writer, wanted), "", "");
    }

    private Form misfit(int id, String why) {
      if (how.evolution() == Evolution.DEAD_LETTER) {
        return Form.refused(
            "schema_misfit",
            "Expected a schema that fits that of the job, found id %d: %s".formatted(id, why));
      }
      throw new IllegalStateException(
          "Cannot read a payload of schema id %d: it does not fit the schema of the job: %s. Give the job a schema that reads it, or use evolution: dead-letter"
              .formatted(id, why));
    }

    /** A field that the columns have not is lost unless the job starts again for it. */
    private void requireNewest(int id, Schema writer) {
      Optional<String> more = Added.field("", wanted, writer);
      if (more.isPresent()
          && !client.newest(how.subject().orElseThrow()).map(this::same).orElse(true)) {
        throw new IllegalStateException(
            "Cannot read field %s of schema id %d with the columns of this start: it is newer. Start the job again: it takes the newest columns and reads this batch once more"
                .formatted(more.get(), id));
      }
    }

    private boolean same(Written newest) {
      return newest.foreign().isPresent() || parsed(newest).equals(wanted);
    }

    private Schema parsed(Written found) {
      try {
        return new Schema.Parser().parse(found.schema());
      } catch (SchemaParseException e) {
        throw new IllegalStateException(
            "Cannot read schema id %d of %s: %s"
                .formatted(found.id(), client.place(), e.getMessage()),
            e);
      }
    }
  }
}
