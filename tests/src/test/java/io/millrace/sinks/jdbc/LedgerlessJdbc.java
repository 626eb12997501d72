package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The sink {@code jdbc} into PostgreSQL without its ledger: the same COPY in one transaction per
 * batch, of which nothing is remembered.
 */
public record LedgerlessJdbc(JdbcSettings settings) implements RowSink<JdbcReceipt> {
  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public Fence<JdbcReceipt> start(Identity who, Writing how, StructType rows) {
    Target target =
        settings
            .pool()
            .borrow(connection -> new Tables(settings, rows).target(connection, who, how.write()));
    return new Open(settings, who, how, target, rows);
  }

  @Override
  public RowWriter<JdbcReceipt> writer(Attempt attempt) {
    return new JdbcSink(settings).writer(attempt);
  }

  private static final class Open implements Fence<JdbcReceipt> {
    private final JdbcSettings settings;
    private final Identity who;
    private final Writing how;
    private final Target target;
    private final StructType rows;
    private @Nullable OpenBatch open;

    Open(JdbcSettings settings, Identity who, Writing how, Target target, StructType rows) {
      this.settings = settings;
      this.who = who;
      this.how = how;
      this.target = target;
      this.rows = rows;
    }

    @Override
    public long last() {
      return -1;
    }

    @Override
    public void begin(long batch) {
      String copyInto =
          "copy %s (%s) from stdin (format binary)"
              .formatted(target.table().sql(), target.copied());
      OpenBatch.Form form =
          new OpenBatch.Form(
              copyInto,
              Dialect.insert(target),
              rows,
              how.faults() == RowFaults.STOP
                  ? Optional.empty()
                  : Optional.of(new Refusals(who, batch, how.limit(), UUID.randomUUID(), rows)));
      OpenBatch now = OpenBatch.open(who, batch, settings, target, form);
      open = now;
      try {
        now.connection().setAutoCommit(false);
      } catch (SQLException e) {
        throw new IllegalStateException("Cannot begin batch " + batch, e);
      }
    }

    @Override
    public void commit(long batch, List<JdbcReceipt> receipts) {
      try (OpenBatch now = open) {
        if (now == null) {
          throw new IllegalStateException("Cannot commit batch " + batch);
        }
        long taken = now.finish();
        long told = receipts.stream().mapToLong(JdbcReceipt::rows).sum();
        if (taken != told) {
          throw new IllegalStateException("Tasks wrote " + told + " rows, not " + taken);
        }
        now.connection().commit();
      } catch (SQLException e) {
        throw new IllegalStateException("Cannot commit batch " + batch, e);
      } finally {
        open = null;
      }
    }

    @Override
    public void abort(long batch) {
      OpenBatch now = open;
      open = null;
      if (now != null) {
        now.close();
      }
    }

    @Override
    public void close() {
      abort(-1);
    }
  }
}
