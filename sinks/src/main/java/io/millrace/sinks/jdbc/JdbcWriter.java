package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowWriter;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Collects the rows of one task and hands them on in chunks, into the transaction of the driver.
 */
final class JdbcWriter implements RowWriter<JdbcReceipt> {
  private final OpenBatch open;
  private final Chunk chunk;
  private final Optional<Refusals> refusals;
  private final long first = Places.first(TaskContext.getPartitionId());
  private long rows;
  private boolean pushed;
  private boolean finished;

  /**
   * A writer of one task.
   *
   * @param refusals where rows go that have no form in the database; empty if they stop the task
   */
  JdbcWriter(OpenBatch open, Chunk chunk, Optional<Refusals> refusals) {
    this.open = open;
    this.chunk = chunk;
    this.refusals = refusals;
  }

  /** Rows on their way to the database. */
  interface Chunk {
    /**
     * Adds a row.
     *
     * @param number its place in the task
     * @throws IllegalArgumentException with a sentence, if the table cannot take it; it is not
     *     added then
     */
    void add(InternalRow row, long number);

    boolean full();

    void push(OpenBatch open);
  }

  @Override
  public void write(InternalRow row) {
    try {
      open.target().requireKeys(row);
      chunk.add(row, first + rows);
    } catch (IllegalArgumentException e) {
      refusals.orElseThrow(() -> e).add(row, first + rows, e);
    }
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
    List<Reject> rejects = refusals.map(Refusals::all).orElse(List.of());
    return new JdbcReceipt(rows, new byte[0], new byte[0], null, rejects, 0);
  }

  @Override
  public void close() {
    if (pushed && !finished) {
      open.giveUp();
    }
  }
}
