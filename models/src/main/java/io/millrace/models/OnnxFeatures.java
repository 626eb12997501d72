package io.millrace.models;

import io.millrace.engine.spi.ModelVersions.Missing;
import io.millrace.models.compiled.RowFault;
import io.millrace.models.onnx.Inference;
import io.millrace.models.onnx.Tensor;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.Decimal;
import org.jspecify.annotations.Nullable;

/**
 * The columns that an ONNX model reads, in the order of the places of its inputs.
 *
 * @param missing what becomes of a number that is not there
 */
record OnnxFeatures(List<String> names, Missing missing) implements Serializable {

  /**
   * Puts the value of a column in its place.
   *
   * @param value a number, a boolean, or what writes itself as a text
   * @throws RowFault if the model cannot be given it
   */
  void put(Inference model, int place, @Nullable Object value) {
    Tensor.Kind kind = model.kind(place);
    if (value == null) {
      if (missing == Missing.REFUSED || !kind.floating()) {
        throw new RowFault("Cannot score a row whose feature " + names.get(place) + " is null");
      }
      model.number(place, Double.NaN);
      return;
    }
    switch (kind) {
      case FLOAT -> model.number(place, checked(place, (float) number(value)));
      case DOUBLE -> model.number(place, checked(place, number(value)));
      case INT32 -> model.whole(place, small(place, ((Number) value).longValue()));
      case INT64 -> model.whole(place, ((Number) value).longValue());
      case BOOLEAN -> model.whole(place, (Boolean) value ? 1 : 0);
      case STRING -> model.text(place, value.toString());
    }
  }

  private static double number(Object value) {
    return value instanceof Decimal decimal ? decimal.toDouble() : ((Number) value).doubleValue();
  }

  private double checked(int place, double number) {
    boolean taken = Double.isFinite(number) || (missing == Missing.NAN && Double.isNaN(number));
    if (!taken) {
      throw new RowFault(
          "Cannot score a row whose feature " + names.get(place) + " is not a finite number");
    }
    return number;
  }

  private long small(int place, long number) {
    if (number != (int) number) {
      throw new RowFault(
          "Cannot score a row whose feature " + names.get(place) + " has more than 32 bits");
    }
    return number;
  }
}
