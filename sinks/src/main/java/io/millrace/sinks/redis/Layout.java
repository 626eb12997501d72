package io.millrace.sinks.redis;

import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.encode.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** What a row is in Redis. For one task only: it reuses its buffers. */
final class Layout {
  private final RedisSettings settings;
  private final List<Field> keys = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final Optional<Field> json;
  private final OrderKey order;
  private final Optional<Condition> delete;
  private final Bytes key = new Bytes(64);

  /**
   * The layout for these columns.
   *
   * @throws IllegalArgumentException with a sentence, if a column is missing or of a type that
   *     cannot go where it should
   */
  Layout(RedisSettings settings, StructType rows) {
    this.settings = settings;
    for (String name : settings.keys()) {
      keys.add(Field.text(rows, find("keys", name, rows)));
    }
    List<String> written =
        settings.columns().isEmpty() ? List.of(rows.fieldNames()) : settings.columns();
    int[] ordinals = written.stream().mapToInt(name -> find("columns", name, rows)).toArray();
    if (settings.form() == RedisSettings.Form.HASH) {
      for (int ordinal : ordinals) {
        byte[] name = rows.apply(ordinal).name().getBytes(StandardCharsets.UTF_8);
        parts.add(new Part(name, Field.textOrJson(rows, ordinal)));
      }
      this.json = Optional.empty();
    } else {
      this.json = Optional.of(Field.json(rows, ordinals));
    }
    this.order =
        OrderKey.of(
            settings.orderBy(),
            settings.orderBy().stream().mapToInt(name -> find("order-by", name, rows)).toArray(),
            rows);
    this.delete = settings.deleteWhen().map(text -> Condition.of("delete-when", text, rows));
  }

  /** A field of a hash. */
  // The bytes are handed on, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Part(byte[] name, Field value) {}

  /**
   * The key of a row.
   *
   * @throws IllegalArgumentException with a sentence, if the row has none
   */
  byte[] key(InternalRow row) {
    key.clear();
    settings.prefix().ifPresent(text -> key.put(text.getBytes(StandardCharsets.UTF_8)));
    for (int at = 0; at < keys.size(); at++) {
      byte[] value = keys.get(at).bytes(row);
      if (value == null) {
        throw new IllegalArgumentException(
            "its key column %s is NULL".formatted(settings.keys().get(at)));
      }
      if (keys.size() == 1) {
        key.put(value);
      } else {
        part(value, at > 0);
      }
    }
    byte[] whole = key.copy();
    if (new String(whole, StandardCharsets.ISO_8859_1).startsWith(RedisSettings.OWN)) {
      throw new IllegalArgumentException(
          "its key starts with %s, as those of the ledger do".formatted(RedisSettings.OWN));
    }
    return whole;
  }

  private void part(byte[] value, boolean joined) {
    if (joined) {
      key.putByte(':');
    }
    for (byte next : value) {
      if (next == ':' || next == '\\') {
        key.putByte('\\');
      }
      key.putByte(next);
    }
  }

  boolean deletes(InternalRow row) {
    return delete.isPresent() && delete.get().holds(row);
  }

  byte[] order(InternalRow row) {
    return order.of(row);
  }

  /** Adds what the script writes: a JSON object; or how many names and values, these, and names. */
  void values(InternalRow row, List<byte[]> arguments) {
    if (json.isPresent()) {
      arguments.add(java.util.Objects.requireNonNull(json.get().bytes(row)));
      return;
    }
    List<byte[]> present = new ArrayList<>();
    List<byte[]> absent = new ArrayList<>();
    for (Part part : parts) {
      byte[] value = part.value().bytes(row);
      if (value == null) {
        absent.add(part.name());
      } else {
        present.add(part.name());
        present.add(value);
      }
    }
    arguments.add(Script.bytes(Integer.toString(present.size())));
    arguments.addAll(present);
    arguments.addAll(absent);
  }

  private static int find(String setting, String column, StructType rows) {
    int index = Arrays.asList(rows.fieldNames()).indexOf(column);
    if (index < 0) {
      throw new IllegalArgumentException(
          "Unknown column %s in %s. The columns are: %s"
              .formatted(column, setting, String.join(", ", rows.fieldNames())));
    }
    return index;
  }
}
