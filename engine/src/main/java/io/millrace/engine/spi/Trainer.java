package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Fits a model to a table and stores it. */
public interface Trainer extends Serializable {
  Trained train(String model, Dataset<Row> rows);

  /** The folder of the model's versions, where {@link Plugin#models} can read it. */
  default Optional<String> store() {
    return Optional.empty();
  }

  /**
   * A stored model.
   *
   * @param version what the store calls it
   * @param path where it lies
   * @param metrics figures on the rows that were held out
   */
  record Trained(String version, String path, Map<String, Double> metrics) {}
}
