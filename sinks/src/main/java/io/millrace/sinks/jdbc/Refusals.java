package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.sinks.encode.RowText;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** The rows of one attempt that are left out for faults of their own. Not for two threads. */
final class Refusals {
  private final Identity who;
  private final long batch;
  private final Limit limit;
  private final UUID attempt;
  private final RowText text;
  private final List<Reject> all = new ArrayList<>();

  /** Those of one attempt of a task; empty if a faulty row stops it. */
  static Optional<Refusals> of(Attempt attempt) {
    return attempt.how().faults() == RowFaults.STOP
        ? Optional.empty()
        : Optional.of(
            new Refusals(
                attempt.who(),
                attempt.batch(),
                attempt.how().limit(),
                attempt.id(),
                attempt.rows()));
  }

  /**
   * None so far.
   *
   * @param limit how many there may be
   */
  Refusals(Identity who, long batch, Limit limit, UUID attempt, StructType columns) {
    this.who = who;
    this.batch = batch;
    this.limit = limit;
    this.attempt = attempt;
    this.text = new RowText(columns);
  }

  /** A row that the database refused. */
  void add(InternalRow row, long place, SQLException why) {
    add(text.of(row), place, why);
  }

  /** A row that has no form in the database. */
  void add(InternalRow row, long place, IllegalArgumentException why) {
    add("data_exception_22000", String.valueOf(why.getMessage()), text.of(row), place);
  }

  /** A row that the database refused, as JSON. */
  void add(String row, long place, SQLException why) {
    add(RowFault.rule(why), Refusal.fault(why), row, place);
  }

  private void add(String rule, String reason, String row, long place) {
    all.add(new Reject(attempt, Instant.now(), rule, storable(reason), storable(row), place));
    limit.check("sink " + who.sink(), batch, all.size(), -1, reason);
  }

  /** PostgreSQL takes no NUL in a text. */
  private static String storable(String text) {
    return text.replace("\0", "\\u0000");
  }

  int count() {
    return all.size();
  }

  List<Reject> all() {
    return List.copyOf(all);
  }
}
