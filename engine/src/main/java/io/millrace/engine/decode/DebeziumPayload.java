package io.millrace.engine.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 */
record DebeziumPayload(StructType row, String sequence, String timeZone) implements Payload {
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

  private static final class Reader implements Parser {
    private final StructType row;
    private final String sequence;
    private final StructType envelope;
    private final Parser json;

    Reader(DebeziumPayload payload) {
      row = payload.row;
      sequence = payload.sequence;
      envelope = DebeziumDecoder.envelope(row, sequence);
      json = new JsonPayload(envelope.add("payload", envelope), payload.timeZone).parser();
    }

    @Override
    public InternalRow parse(byte[] bytes) throws BadPayload {
      InternalRow whole = json.parse(bytes);
      int inner = envelope.length();
      InternalRow change =
          whole.isNullAt(inner) ? whole : whole.getStruct(inner, envelope.length());
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
