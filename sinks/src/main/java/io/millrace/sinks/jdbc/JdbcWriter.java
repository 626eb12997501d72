package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.RowWriter;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Collects the rows of one task and hands them on in chunks, into the transaction of the driver.
 */
final class JdbcWriter implements RowWriter<JdbcReceipt> {
  private final OpenBatch open;
  private final Chunk chunk;
  private long rows;
  private boolean pushed;
  private boolean finished;

  JdbcWriter(OpenBatch open, Chunk chunk) {
    this.open = open;
    this.chunk = chunk;
  }

  /** Rows on their way to the database. */
  interface Chunk {
    void add(InternalRow row, long number);

    boolean full();

    void push(OpenBatch open);
  }

  @Override
  public void write(InternalRow row) {
    open.target().requireKeys(row);
    chunk.add(row, rows);
    rows++;
    if (chunk.full()) {
      push();
    }
  }

  private void push() {
    pushed = true;
    chunk.push(open);
  }

  @Override
  public JdbcReceipt finish() {
    if (rows > 0) {
      push();
    }
    finished = true;
    return new JdbcReceipt(rows, new byte[0], null);
  }

  @Override
  public void close() {
    if (pushed && !finished) {
      open.giveUp();
    }
  }
}
