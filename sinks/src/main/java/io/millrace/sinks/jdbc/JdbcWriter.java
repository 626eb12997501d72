package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.RowWriter;
import io.millrace.sinks.jdbc.Target.TargetColumn;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** Collects the rows of one task and hands them on in chunks. */
final class JdbcWriter implements RowWriter<JdbcReceipt> {
  private final OpenBatch open;
  private final Chunk chunk;
  private final List<TargetColumn> keys;
  private final boolean inline;
  private long rows;
  private boolean pushed;
  private boolean finished;

  JdbcWriter(OpenBatch open, Chunk chunk, boolean inline) {
    this.open = open;
    this.chunk = chunk;
    this.keys = open.target().keyColumns();
    this.inline = inline;
  }

  /** Rows on their way to the database. */
  interface Chunk {
    void add(InternalRow row, long number);

    boolean full();

    void push(OpenBatch open);

    byte[] encoded();
  }

  @Override
  public void write(InternalRow row) {
    for (TargetColumn key : keys) {
      if (row.isNullAt(key.ordinal())) {
        throw new IllegalArgumentException(
            "Cannot upsert a row whose key column %s is NULL. Filter such rows before, or choose other keys"
                .formatted(key.name()));
      }
    }
    chunk.add(row, rows);
    rows++;
    if (chunk.full()) {
      push();
    }
  }

  private void push() {
    if (inline) {
      throw new IllegalStateException(
          "Cannot return more than 64 KB of rows inline, and staged delivery is not supported yet."
              + " Use form: direct");
    }
    pushed = true;
    chunk.push(open);
  }

  @Override
  public JdbcReceipt finish() {
    byte[] kept = inline ? chunk.encoded() : new byte[0];
    if (!inline && rows > 0) {
      push();
    }
    finished = true;
    return new JdbcReceipt(rows, kept);
  }

  @Override
  public void close() {
    if (pushed && !finished) {
      open.giveUp();
    }
  }
}
