package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** The two forms in which rows wait until there are enough of them to be handed on. */
final class Chunks {
  private static final int BYTES = 64 << 10;
  private static final int ROWS = 500;

  private Chunks() {}

  /** Rows of PostgreSQL's binary COPY. */
  record Encoded(CopyEncoder encoder, Bytes bytes) implements JdbcWriter.Chunk {
    Encoded(CopyEncoder encoder) {
      this(encoder, new Bytes(BYTES + (BYTES >> 3)));
    }

    @Override
    public void add(InternalRow row, long number) {
      encoder.encode(row, number, bytes);
    }

    @Override
    public boolean full() {
      return bytes.size() > BYTES;
    }

    @Override
    public void push(OpenBatch open) {
      if (bytes.size() > 0) {
        open.copy(bytes.array(), bytes.size());
        bytes.clear();
      }
    }
  }

  /** Values for a statement. */
  record Plain(PlainValues values, List<@Nullable Object[]> rows) implements JdbcWriter.Chunk {
    Plain(PlainValues values) {
      this(values, new ArrayList<>());
    }

    @Override
    public void add(InternalRow row, long number) {
      rows.add(values.of(row));
    }

    @Override
    public boolean full() {
      return rows.size() >= ROWS;
    }

    @Override
    public void push(OpenBatch open) {
      if (!rows.isEmpty()) {
        open.insert(rows);
        rows.clear();
      }
    }
  }
}
