package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Origin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line of the ledger: a batch, or a start, and what is learned with it.
 *
 * @param learned null before the first batch
 */
record LearnEntry(
    int format,
    String queryId,
    long epoch,
    long batch,
    @Nullable Long rows,
    @Nullable String at,
    @Nullable From from,
    @Nullable Learned learned) {
  /** Bytes that it may have. */
  static final int MOST = 64 << 20;

  private static final int FORMAT = 1;
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** What the rows came from. */
  record From(String offsets, String plan, @Nullable Long digest) {
    static From of(Origin origin) {
      return new From(origin.offsets(), origin.plan(), origin.digest().orElse(null));
    }

    Origin origin() {
      return new Origin(offsets, plan, Optional.ofNullable(digest));
    }
  }

  static LearnEntry of(Held held, @Nullable Learned learned) {
    return new LearnEntry(
        FORMAT,
        held.queryId().toString(),
        held.epoch(),
        held.batch(),
        held.rows().orElse(null),
        held.at().map(Instant::toString).orElse(null),
        held.origin().map(From::of).orElse(null),
        learned);
  }

  Held held() {
    return new Held(
        UUID.fromString(queryId),
        epoch,
        batch,
        Optional.ofNullable(rows),
        Optional.ofNullable(at).map(Instant::parse),
        Optional.ofNullable(from).map(From::origin));
  }

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write what was learned", e);
    }
  }

  /** The entry in these bytes, which lie at {@code where}. */
  static LearnEntry of(byte[] json, String where) {
    try {
      LearnEntry entry = JSON.readValue(json, LearnEntry.class);
      if (entry.format() != FORMAT) {
        throw new IllegalStateException(
            "Cannot go on with %s: expected format %d, found %d. Use the version of Millrace that wrote it"
                .formatted(where, FORMAT, entry.format()));
      }
      return entry;
    } catch (IOException e) {
      throw new IllegalStateException(
          "Cannot go on with %s: it is not what Millrace wrote. Put it back from a backup"
              .formatted(where),
          e);
    }
  }
}
