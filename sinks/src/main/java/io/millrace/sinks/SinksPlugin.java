package io.millrace.sinks;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Sink;
import io.millrace.sinks.jdbc.JdbcSettings;
import io.millrace.sinks.jdbc.JdbcSink;
import java.util.List;

/** The sinks that come with the toolkit. */
public final class SinksPlugin implements Plugin {
  @Override
  public List<Kind<?, Sink>> sinks() {
    return List.of(
        new Kind<>(
            "jdbc",
            "Rows into a table of PostgreSQL, H2 or SQLite, each batch in one transaction.",
            JdbcSettings.class,
            JdbcSink::new));
  }
}
