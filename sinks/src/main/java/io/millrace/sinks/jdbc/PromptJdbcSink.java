package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.OffsetLedger;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/**
 * Rows into a table of PostgreSQL within milliseconds; what a partition gave and the offset behind
 * it in one transaction, so that each row is there once. A row that the table refuses stops the
 * job.
 */
record PromptJdbcSink(JdbcSettings settings) implements RowSink<OffsetReceipt>, OffsetLedger {
  @Override
  public Guarantee guarantee(Writing how) {
    return new JdbcSink(settings).guarantee(how);
  }

  @Override
  public RowSink<?> inRealTime(Writing how) {
    return this;
  }

  @Override
  public Fence<OffsetReceipt> start(Identity who, Writing how, StructType rows) {
    Target target =
        Limits.inTransaction(
            settings,
            connection -> new Tables(settings, rows).target(connection, who, Write.APPEND),
            e -> Refusal.of(settings, e));
    Targets.put(settings, who, Write.APPEND, rows, target);
    OffsetTable offsets = new OffsetTable(target.table(), who);
    settings
        .pool()
        .borrow(
            connection -> {
              offsets.create(connection);
              return connection;
            });
    long epoch = Limits.inTransaction(settings, offsets::raise, e -> Refusal.of(settings, e));
    return new OffsetFence(new OffsetWriters(settings, epoch));
  }

  @Override
  public RowWriter<OffsetReceipt> writer(Attempt attempt) {
    throw new UnsupportedOperationException("Writers of " + attempt + " are those of a start");
  }

  @Override
  public Optional<Offsets> offsets(Identity who) {
    return settings
        .pool()
        .borrow(
            connection -> {
              TableName wanted = TableName.of(settings.table());
              TableName table = Tables.find(Dialect.POSTGRESQL, connection, wanted).orElse(wanted);
              return new OffsetTable(table, who).held(connection);
            });
  }
}
