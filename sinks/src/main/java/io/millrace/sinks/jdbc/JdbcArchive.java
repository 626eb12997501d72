package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Archive;
import io.millrace.engine.spi.Chronicle;
import io.millrace.engine.spi.Marks;

/** The tables beside a sink's ledger in which the engine keeps what it knows of a job. */
record JdbcArchive(JdbcSettings settings) implements Archive.Tables {
  @Override
  public String place() {
    BesideLedger history = new BesideLedger(settings, JdbcChronicle.NAME, "");
    return "the table %s in %s".formatted(history.name(), settings.database().place());
  }

  @Override
  public Chronicle chronicle(String job, String query) {
    return new JdbcChronicle(settings, job, query);
  }

  @Override
  public Marks marks(String job) {
    return new JdbcMarks(settings, job);
  }
}
