package io.millrace.engine.spi;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows of one micro-batch. The query of {@code who} and {@code id} together never repeat.
 *
 * @param origin what they come from; empty where that is no stream
 */
public record Batch(
    Identity who, Writing how, long id, Dataset<Row> rows, Optional<Origin> origin) {

  /** Rows of unknown origin. */
  public Batch(Identity who, Writing how, long id, Dataset<Row> rows) {
    this(who, how, id, rows, Optional.empty());
  }
}
