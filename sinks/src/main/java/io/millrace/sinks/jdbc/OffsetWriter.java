package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Cursor;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.RowWriter;
import io.millrace.sinks.encode.Bytes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * Commits the rows of one partition every few milliseconds, by a clock of its own, since a
 * partition without news calls nobody. All rows of an offset are in one transaction, together with
 * the offset behind them; rows of offsets that the table has are left out.
 */
final class OffsetWriter implements RowWriter<OffsetReceipt> {
  private static final long TICK_MILLIS = 3;
  private static final int FULL = 256 << 10;

  private static final ScheduledExecutorService CLOCK =
      Executors.newScheduledThreadPool(
          4,
          work -> {
            Thread thread = new Thread(work, "millrace real time");
            thread.setDaemon(true);
            return thread;
          });

  private final JdbcSettings settings;
  private final long epoch;
  private final String sink;
  private final OffsetTable offsets;
  private final CopyEncoder encoder;
  private final String copyInto;
  private final Bytes rows = new Bytes(FULL + (FULL >> 3));
  private final long attempt = TaskContext.get().taskAttemptId();
  private @Nullable Cursor cursor;
  private @Nullable ScheduledFuture<?> clock;
  private boolean over;

  /** The offset of the last row. */
  private long current = -1;

  /** How many bytes are of offsets before that one. */
  private int whole;

  /** The next offset, as the table has it. */
  private long noted;

  private long written;

  OffsetWriter(JdbcSettings settings, long epoch, Attempt attempt) {
    Target target = Targets.of(settings, attempt);
    this.settings = settings;
    this.epoch = epoch;
    this.sink = attempt.who().sink();
    this.offsets = new OffsetTable(target.table(), attempt.who());
    this.encoder = new CopyEncoder(target, attempt.rows());
    this.copyInto =
        "copy %s (%s) from stdin (format binary)".formatted(target.table().sql(), target.copied());
  }

  @Override
  public synchronized void write(InternalRow row) {
    Cursor at = begun();
    at.failIfEnded();
    long offset = at.next();
    if (offset < noted) {
      return;
    }
    if (offset != current) {
      whole = rows.size();
      current = offset;
    }
    encoder.encode(row, written, rows);
    written++;
    if (whole > FULL) {
      commit(at, whole, current);
    }
  }

  /** The task has begun to read when its first row comes, or none will. */
  private Cursor begun() {
    Cursor at = cursor;
    if (at == null) {
      at = Cursor.of(attempt);
      if (at == null) {
        throw new IllegalStateException(
            "Cannot write to sink %s in real time: the task reads no partition of a topic"
                .formatted(sink));
      }
      noted = claim(at);
      cursor = at;
      clock =
          CLOCK.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return at;
  }

  private long claim(Cursor at) {
    return Limits.inTransaction(
        settings,
        connection -> offsets.claim(connection, epoch, at.topic(), at.partition(), at.next()),
        e -> Refusal.of(settings, e));
  }

  private synchronized void tick() {
    Cursor at = cursor;
    if (over || at == null || rows.size() == 0) {
      return;
    }
    try {
      commitWhole(at);
    } catch (RuntimeException e) {
      over = true;
      at.end(e);
    }
  }

  /** What is there of offsets that are handed on to their last row. */
  private void commitWhole(Cursor at) {
    long next = at.next();
    if (next > current) {
      commit(at, rows.size(), next);
    } else if (whole > 0) {
      commit(at, whole, current);
    }
  }

  private void commit(Cursor at, int length, long next) {
    long from = noted;
    long unused =
        Limits.inTransaction(
            settings,
            connection -> {
              long taken = length == 0 ? 0 : copy(connection, length);
              Failpoint.ROWS_STORED.reached(sink);
              offsets.advance(connection, epoch, at.topic(), at.partition(), from, next);
              return taken;
            },
            e -> Refusal.of(settings, e));
    Failpoint.COMMITTED.reached(sink);
    noted = next;
    byte[] rest = Arrays.copyOfRange(rows.array(), length, rows.size());
    rows.clear();
    rows.put(rest);
    whole = 0;
  }

  private long copy(Connection connection, int length) throws SQLException {
    CopyStream copy = CopyStream.open(connection, copyInto);
    copy.write(rows.array(), length);
    return copy.end();
  }

  @Override
  public synchronized OffsetReceipt finish() {
    Cursor at = begun();
    at.failIfEnded();
    if (rows.size() > 0 && at.next() <= current) {
      throw new IllegalStateException(
          "Cannot end sink %s: rows of offset %d of %s-%d are there, and the task stands at %d"
              .formatted(sink, current, at.topic(), at.partition(), at.next()));
    }
    if (at.next() > noted) {
      commit(at, rows.size(), at.next());
    }
    close();
    return new OffsetReceipt(written);
  }

  @Override
  public synchronized void close() {
    over = true;
    ScheduledFuture<?> ticking = clock;
    if (ticking != null) {
      boolean unused = ticking.cancel(false);
      clock = null;
    }
  }
}
