package io.millrace.engine.spi;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A transform with parts, such as models, of which others take over while a query runs. */
public interface Renewed extends Transform {
  /**
   * The step in one query, which closes it.
   *
   * @param rows such as will come to it
   * @param before the version that the last batch of the query saw; empty where there was none
   * @throws RuntimeException if there is neither a newest version nor that
   */
  Renewal renewal(Dataset<Row> rows, Optional<String> before);

  /** The rows behind the step, with what is the newest now. */
  @Override
  default Dataset<Row> apply(Dataset<Row> rows) {
    return renewal(rows, Optional.empty()).apply(rows);
  }
}
