package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The two forms in which rows wait until there are enough of them to be handed on. */
final class Chunks {
  private static final int BYTES = 64 << 10;
  private static final int ROWS = 1000;

  private Chunks() {}

  /** Rows of PostgreSQL's binary COPY. */
  static final class Encoded implements JdbcWriter.Chunk {
    private final CopyEncoder encoder;
    private final Bytes bytes = new Bytes(BYTES + (BYTES >> 3));
    private @Nullable KeptRows kept;

    /**
     * An empty chunk.
     *
     * @param keeps whether rows may be looked at again
     */
    Encoded(CopyEncoder encoder, StructType columns, boolean keeps) {
      this.encoder = encoder;
      this.kept = keeps ? new KeptRows(columns) : null;
    }

    @Override
    public void add(InternalRow row, long number) {
      int before = bytes.size();
      try {
        encoder.encode(row, number, bytes);
      } catch (IllegalArgumentException e) {
        bytes.cut(before);
        throw e;
      }
      if (kept != null) {
        kept.add(row, number);
      }
    }

    @Override
    public boolean full() {
      return bytes.size() > BYTES;
    }

    @Override
    public void push(OpenBatch open) {
      if (bytes.size() > 0) {
        open.copy(bytes.array(), bytes.size(), kept);
        bytes.clear();
        kept = kept == null ? null : kept.next();
      }
    }
  }

  /** Values for a statement. */
  record Plain(PlainValues values, List<PlainValues.Values> rows) implements JdbcWriter.Chunk {
    Plain(PlainValues values) {
      this(values, new ArrayList<>());
    }

    @Override
    public void add(InternalRow row, long number) {
      rows.add(values.of(row, number));
    }

    @Override
    public boolean full() {
      return rows.size() >= ROWS;
    }

    @Override
    public void push(OpenBatch open) {
      if (!rows.isEmpty()) {
        open.insert(List.copyOf(rows));
        rows.clear();
      }
    }
  }
}
