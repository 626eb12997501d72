package io.millrace.models;

import io.millrace.models.compiled.RowFault;
import io.millrace.models.onnx.Inference;
import io.millrace.models.onnx.Sessions;
import io.millrace.models.onnx.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** An ONNX model on a few rows, without Spark, in a session of its own. */
final class OnnxTrial implements AutoCloseable {
  /**
   * How far a number may be off: ONNX Runtime sums floats, which have seven digits, in the order
   * that suits the processor.
   */
  private static final double TOLERANCE = 1e-6;

  private static final String ADVICE =
      ". Use the ONNX Runtime that it was stored with, or add the model again";

  private final String place = "trial " + UUID.randomUUID();
  private final OnnxFeatures features;
  private final Inference inference;

  /**
   * A model with its inputs and outputs.
   *
   * @param model the file
   */
  OnnxTrial(Signature signature, OnnxFeatures features, byte[] model) {
    this.features = features;
    this.inference =
        Inference.open(
            new Sessions.Key(place, "on trial"), signature, signature.outputs(), () -> model);
  }

  /**
   * What the model makes of a row that begins with its inputs, as golden rows have it.
   *
   * @throws RowFault if it cannot take it
   */
  Row scored(Row row) {
    put(row);
    List<Object> values = new ArrayList<>();
    for (Object value : inference.run()) {
      values.add(value instanceof double[] numbers ? Vectors.dense(numbers) : value);
    }
    return RowFactory.create(values.toArray());
  }

  /**
   * How many values it gives for each output.
   *
   * @throws RowFault if it cannot take the row
   */
  int[] sizes(Row row) {
    put(row);
    return inference.sizes();
  }

  private void put(Row row) {
    for (int i = 0; i < features.names().size(); i++) {
      features.put(inference, i, row.get(i));
    }
  }

  /**
   * Checks that the model makes of rows what it made of them when it was stored.
   *
   * @param path of the model, for the sentence
   * @throws IllegalStateException with the row, the column, what was expected and what was found
   */
  void check(GoldenRows golden, String path) {
    for (int number = 0; number < golden.rows().size(); number++) {
      Row row = golden.rows().get(number);
      try {
        String wrong = golden.wrong(row, scored(row), TOLERANCE);
        if (wrong != null) {
          throw GoldenRows.differs(path, number, wrong, ADVICE);
        }
      } catch (RowFault fault) {
        throw GoldenRows.differs(path, number, fault.reason(), ADVICE);
      }
    }
  }

  @Override
  public void close() {
    inference.close();
    Sessions.leave(place);
  }
}
