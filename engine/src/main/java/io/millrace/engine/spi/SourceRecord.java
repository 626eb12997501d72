package io.millrace.engine.spi;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a source handed out for one row.
 *
 * @param coordinates where it stands there, as JSON; null where the source has none
 * @param key its key; null where it has none
 * @param raw the bytes that were decoded; null where the source decodes by itself
 */
// The bytes are handed on, never compared.
@SuppressWarnings("ArrayRecordComponent")
public record SourceRecord(
    @Nullable String coordinates, byte @Nullable [] key, byte @Nullable [] raw)
    implements Serializable {

  /** What was kept of a record; null where nothing of it is known. */
  public static @Nullable SourceRecord of(
      @Nullable String coordinates, byte @Nullable [] key, byte @Nullable [] raw) {
    return coordinates == null && key == null && raw == null
        ? null
        : new SourceRecord(coordinates, key, raw);
  }
}
