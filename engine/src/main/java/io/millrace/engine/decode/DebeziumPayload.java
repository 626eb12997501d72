package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.engine.decode.JsonFields.Converter;
import io.millrace.engine.spi.Packed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * One change in Debezium's envelope.
 *
 * @param row the columns of the table
 * @param sequence where its number is
 * @param times what numbers of times count, where no schema beside a change tells it
 * @param decimals what texts of decimals are, where no schema beside a change tells it
 */
record DebeziumPayload(
    StructType row,
    String sequence,
    Optional<Epoch> times,
    Optional<Decimals> decimals,
    String timeZone)
    implements Payload {
  private static final String SCHEMA = "schema";
  private static final String PAYLOAD = "payload";
  private static final UTF8String INSERT = UTF8String.fromString("insert");
  private static final UTF8String DELETE = UTF8String.fromString("delete");
  private static final Map<String, UTF8String> OPERATIONS =
      Map.of("c", INSERT, "r", INSERT, "u", UTF8String.fromString("update"), "d", DELETE);

  /** What Debezium writes for a long value that a change has left as it was. */
  private static final UTF8String UNKNOWN = UTF8String.fromString("__debezium_unavailable_value");

  @Override
  public String name() {
    return "JSON";
  }

  @Override
  public StructType fields() {
    return DebeziumDecoder.told(row);
  }

  @Override
  public Parser parser() {
    return new Reader(this);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }

  /** How the row before a change and the one after it are read. */
  private record Images(JsonFields before, JsonFields after) {}

  private static final class Reader implements Parser {
    private final DebeziumPayload how;
    private final StructType row;
    private final String sequence;
    private final StructType envelope;
    private final JsonObjects objects;
    private final JsonFields outer;
    private final JsonFields inner;
    private final Images untold;
    private byte[] schema = new byte[0];
    private Images told;
    private byte[] payload = new byte[0];
    private Images images;
    private boolean described;

    Reader(DebeziumPayload payload) {
      how = payload;
      row = payload.row;
      sequence = payload.sequence;
      envelope = DebeziumDecoder.envelope(row, sequence);
      objects = new JsonObjects(payload.timeZone);
      inner = new JsonFields(envelope, "", this::converter);
      outer =
          new JsonFields(
              envelope.add(PAYLOAD, envelope).add(SCHEMA, DataTypes.StringType),
              "",
              this::converter);
      untold = images(Map.of());
      told = untold;
      images = untold;
    }

    private Images images(Map<String, ConnectField> written) {
      return new Images(image("before", written), image("after", written));
    }

    private JsonFields image(String name, Map<String, ConnectField> written) {
      ChangeValues values = new ChangeValues(written, how.times, how.decimals, " in " + name);
      return new JsonFields(
          row.asNullable(),
          " in " + name,
          column -> values.converter(column, objects.usual(column)));
    }

    private Converter converter(StructField field) {
      Converter usual = objects.usual(field);
      return switch (field.name()) {
        case "before" -> object(usual, json -> images.before().read(json));
        case "after" -> object(usual, json -> images.after().read(json));
        case PAYLOAD -> object(usual, this::inner);
        case SCHEMA ->
            json -> {
              learn(json);
              return null;
            };
        default -> usual;
      };
    }

    private static Converter object(Converter usual, Converter whole) {
      return json -> json.hasToken(JsonToken.START_OBJECT) ? whole.read(json) : usual.read(json);
    }

    /** A schema that stands behind the change that it describes is looked for first. */
    private InternalRow inner(JsonParser json) throws IOException, BadPayload {
      if (!described) {
        lookAhead();
      }
      return inner.read(json);
    }

    private void lookAhead() throws IOException, BadPayload {
      try (JsonParser json = objects.open(payload)) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          boolean found = json.currentName().equals(SCHEMA);
          json.nextToken();
          if (found) {
            learn(json);
            return;
          }
          json.skipChildren();
        }
      }
    }

    /** Takes the schema beside a change, which as a rule is that of the change before. */
    private void learn(JsonParser json) throws IOException, BadPayload {
      if (!json.hasToken(JsonToken.START_OBJECT)) {
        json.skipChildren();
        return;
      }
      int from = Math.toIntExact(json.currentTokenLocation().getByteOffset());
      json.skipChildren();
      int to = Math.toIntExact(json.currentLocation().getByteOffset());
      if (from < 0) {
        throw new BadPayload("Expected JSON in UTF-8, found another encoding");
      }
      if (!Arrays.equals(schema, 0, schema.length, payload, from, to)) {
        byte[] found = Arrays.copyOfRange(payload, from, to);
        try (JsonParser whole = objects.open(found)) {
          told = images(ConnectField.columns(whole));
        }
        schema = found;
      }
      images = told;
      described = true;
    }

    @Override
    public InternalRow parse(byte[] bytes) throws BadPayload {
      payload = bytes;
      images = untold;
      described = false;
      InternalRow whole = objects.read(bytes, outer);
      int nested = envelope.length();
      InternalRow change =
          whole.isNullAt(nested) ? whole : whole.getStruct(nested, envelope.length());
      UTF8String operation = operation(change);
      String image = operation.equals(DELETE) ? "before" : "after";
      int at = envelope.fieldIndex(image);
      if (change.isNullAt(at)) {
        throw new BadPayload(
            "envelope", "Missing " + image + " in a change with op " + change.getUTF8String(op()));
      }
      InternalRow found = change.getStruct(at, row.length());
      check(found, operation);
      int width = row.length() + DebeziumDecoder.TOLD.length();
      @Nullable Object[] values = new @Nullable Object[width];
      for (int i = 0; i < row.length(); i++) {
        values[i] = found.isNullAt(i) ? null : found.get(i, row.apply(i).dataType());
      }
      values[row.length()] = operation;
      values[row.length() + 1] = number(change);
      values[row.length() + 2] = changedAt(change);
      return new GenericInternalRow(values);
    }

    private int op() {
      return envelope.fieldIndex("op");
    }

    private UTF8String operation(InternalRow change) throws BadPayload {
      if (change.isNullAt(op())) {
        throw new BadPayload(
            "envelope", "Missing op. Expected a change with before, after, source and op");
      }
      String word = change.getUTF8String(op()).toString();
      UTF8String operation = OPERATIONS.get(word);
      if (operation == null) {
        throw word.equals("t")
            ? new BadPayload(
                "truncate",
                "Cannot apply a truncate row by row: all rows of the table were removed. Empty the"
                    + " sink by hand")
            : new BadPayload(
                "envelope", "Expected op c, r, u or d, found " + BadPayload.quoted(word));
      }
      return operation;
    }

    private void check(InternalRow found, UTF8String operation) throws BadPayload {
      List<String> missing = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        StructField column = row.apply(i);
        if (found.isNullAt(i)) {
          if (!column.nullable()) {
            missing.add(column.name());
          }
        } else if (column.dataType().equals(DataTypes.StringType)
            && found.getUTF8String(i).equals(UNKNOWN)
            && !operation.equals(DELETE)) {
          throw new BadPayload(
              "unavailable",
              "Cannot know "
                  + column.name()
                  + ": the database did not log it. Set replica identity full for the table");
        }
      }
      if (!missing.isEmpty() && !operation.equals(DELETE)) {
        throw new BadPayload(
            "not_null", "Missing " + String.join(", ", missing) + ", declared as not null");
      }
    }

    private long number(InternalRow change) throws BadPayload {
      InternalRow holder = change;
      StructType fields = envelope;
      if (sequence.startsWith("source.")) {
        holder = source(change);
        fields = sourceFields();
      }
      int at = fields.fieldIndex(sequence.substring(sequence.indexOf('.') + 1));
      if (holder == null || holder.isNullAt(at)) {
        throw new BadPayload(
            "envelope", "Missing " + sequence + ", by which changes are put in order");
      }
      return holder.getLong(at);
    }

    private @Nullable Long changedAt(InternalRow change) {
      InternalRow source = source(change);
      int at = sourceFields().fieldIndex("ts_ms");
      return source == null || source.isNullAt(at) ? null : source.getLong(at) * 1_000;
    }

    private StructType sourceFields() {
      return (StructType) envelope.apply("source").dataType();
    }

    private @Nullable InternalRow source(InternalRow change) {
      int at = envelope.fieldIndex("source");
      return change.isNullAt(at) ? null : change.getStruct(at, sourceFields().length());
    }
  }
}
