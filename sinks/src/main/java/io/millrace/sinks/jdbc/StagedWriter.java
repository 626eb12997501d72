package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowWriter;
import io.millrace.sinks.encode.Bytes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * Collects the rows of one task on any JVM. A few are returned in the receipt; more go to the stage
 * through a connection of this JVM's pool, and are there for good when the task ends.
 */
final class StagedWriter implements RowWriter<JdbcReceipt> {
  private static final int KEPT = 64 << 10;

  private final JdbcSettings settings;
  private final Attempt attempt;
  private final Target target;
  private final Stage stage;
  private final CopyEncoder encoder;
  private final Optional<Refusals> refusals;
  private final Bytes bytes = new Bytes(KEPT + (KEPT >> 3));
  private KeptRows kept;
  private @Nullable Staging staging;
  private final long first = Places.first(TaskContext.getPartitionId());
  private long rows;
  private long waited;

  StagedWriter(JdbcSettings settings, Attempt attempt, Target target) {
    this.settings = settings;
    this.attempt = attempt;
    this.target = target.staged(attempt.how().faults());
    this.stage = new Stage(this.target, attempt.who());
    this.encoder = new CopyEncoder(this.target, attempt.rows());
    this.refusals = Refusals.of(attempt);
    this.kept = new KeptRows(attempt.rows());
  }

  /** The transaction of this task. */
  private record Staging(Connection connection, CopyRows copy) {}

  @Override
  public void write(InternalRow row) {
    int before = bytes.size();
    try {
      target.requireKeys(row);
      encoder.encode(row, first + rows, bytes);
      if (refusals.isPresent()) {
        kept.add(row, first + rows);
      }
    } catch (IllegalArgumentException e) {
      refusals.orElseThrow(() -> e).add(row, first + rows, e);
      bytes.cut(before);
    }
    rows++;
    if (bytes.size() > KEPT) {
      push();
    }
  }

  private void push() {
    try {
      Staging open = staging == null ? begin() : staging;
      if (bytes.size() > 0) {
        open.copy().write(bytes.array(), bytes.size(), kept);
        bytes.clear();
        kept = kept.next();
      }
    } catch (SQLException e) {
      throw Refusal.of(settings, e);
    }
  }

  private Staging begin() throws SQLException {
    long asked = System.nanoTime();
    Connection connection = settings.pool().open();
    waited = System.nanoTime() - asked;
    try {
      connection.setAutoCommit(false);
      stage.begin(connection, attempt.batch(), attempt.id());
      String copyInto = stage.copyInto();
      Staging begun =
          new Staging(
              connection,
              refusals
                  .map(some -> CopyRows.some(connection, copyInto, encoder, some))
                  .orElseGet(() -> CopyRows.all(connection, copyInto)));
      staging = begun;
      return begun;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public JdbcReceipt finish() {
    if (staging == null) {
      return new JdbcReceipt(rows, bytes.copy(), kept.copy(), null, rejects(), 0);
    }
    push();
    try {
      Staging open = staging;
      open.copy().end();
      open.connection().commit();
      return new JdbcReceipt(rows, new byte[0], new byte[0], attempt.id(), rejects(), waited);
    } catch (SQLException e) {
      throw Refusal.of(settings, e);
    }
  }

  private List<Reject> rejects() {
    return refusals.map(Refusals::all).orElse(List.of());
  }

  /** What is not committed goes: nobody knows of it. */
  @Override
  public void close() {
    Staging open = staging;
    if (open == null) {
      return;
    }
    staging = null;
    CopyStream.abandon(open.connection(), open.copy().running(), settings);
  }
}
