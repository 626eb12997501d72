package io.millrace.sinks.http;

import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.encode.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Rows as JSON, and what tells them apart. For one task only: it reuses its buffers. */
final class Lines {
  private final Field json;
  private final Field id;

  /**
   * The form for these columns.
   *
   * @throws IllegalArgumentException with a sentence, if a column is missing or has no form in JSON
   */
  Lines(HttpSettings settings, StructType rows) {
    List<String> sent =
        settings.columns().isEmpty() ? List.of(rows.fieldNames()) : settings.columns();
    this.json = Field.json(rows, places("columns", sent, rows));
    this.id = settings.id().isEmpty() ? json : Field.json(rows, places("id", settings.id(), rows));
  }

  /**
   * A row on its way.
   *
   * @param id what tells it from others
   * @param place among the rows of its task
   */
  // The bytes are handed on, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Line(byte[] json, byte[] id, long place) {}

  Line of(InternalRow row, long place) {
    byte[] text = Objects.requireNonNull(json.bytes(row));
    return new Line(text, id == json ? text : Objects.requireNonNull(id.bytes(row)), place);
  }

  /** What a request holds for these rows. */
  static byte[] body(HttpSettings.Body form, List<Line> lines) {
    Bytes body = new Bytes(lines.stream().mapToInt(line -> line.json().length + 1).sum() + 1);
    if (form == HttpSettings.Body.ARRAY) {
      body.putByte('[');
    }
    for (int at = 0; at < lines.size(); at++) {
      if (form == HttpSettings.Body.ARRAY && at > 0) {
        body.putByte(',');
      }
      body.put(lines.get(at).json());
      if (form == HttpSettings.Body.LINES) {
        body.putByte('\n');
      }
    }
    if (form == HttpSettings.Body.ARRAY) {
      body.putByte(']');
    }
    return body.copy();
  }

  private static int[] places(String setting, List<String> names, StructType rows) {
    return names.stream()
        .mapToInt(
            name -> {
              int index = Arrays.asList(rows.fieldNames()).indexOf(name);
              if (index < 0) {
                throw new IllegalArgumentException(
                    "Unknown column %s in %s. The columns are: %s"
                        .formatted(name, setting, String.join(", ", rows.fieldNames())));
              }
              return index;
            })
        .toArray();
  }
}
