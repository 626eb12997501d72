package io.millrace.sinks.encode;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Rows as JSON in a string, their times in UTC, for a person or a dead letter. Not for two threads.
 */
public final class RowText {
  private final StructType columns;
  private @Nullable JsonObject json;

  public RowText(StructType columns) {
    this.columns = columns;
  }

  public String of(InternalRow row) {
    JsonObject form = json;
    if (form == null) {
      form = new JsonObject(columns, ZoneOffset.UTC);
      json = form;
    }
    Bytes text = new Bytes(256);
    form.write(row, text);
    return new String(text.array(), 0, text.size(), StandardCharsets.UTF_8);
  }
}
