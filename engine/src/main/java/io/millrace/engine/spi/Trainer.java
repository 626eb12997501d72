package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Fits a model to a table and stores it. */
public interface Trainer extends Serializable {
  Trained train(Assignment assignment);

  /** The same of rows whose version nobody knows, told to nobody. */
  default Trained train(String model, Dataset<Row> rows) {
    return train(new Assignment(model, rows, Optional.empty(), line -> {}));
  }

  /**
   * What a trainer gets.
   *
   * @param model the name of the model
   * @param data the version of the table that the rows come from, where its source tells one
   * @param progress is told how far it is, in lines for people; from any thread, one at a time
   */
  record Assignment(
      String model, Dataset<Row> rows, Optional<String> data, Consumer<String> progress) {}

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
   * @param report the page about the training, where there is one
   */
  record Trained(
      String version, String path, Map<String, Double> metrics, Optional<String> report) {}
}
