package io.millrace.models.compiled;

import java.util.Map;
import org.apache.spark.ml.feature.VectorIndexerModel;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * A vector with the categories among its values by number, as a {@link VectorIndexerModel} gives
 * it. Zeros that a sparse vector does not store stay zeros.
 *
 * @param categories of each feature; without any where it is none
 */
@SuppressWarnings("ArrayRecordComponent")
record FeatureIndexing(Source input, Slot output, Categories[] categories, Invalid invalid)
    implements RowStage {
  static RowStage of(VectorIndexerModel model, Columns columns) throws Uncompiled {
    Source input = Source.vector(model.getInputCol(), columns);
    Slot output = columns.addVector(model.getOutputCol(), model.numFeatures());
    Map<Integer, Map<Double, Integer>> maps = model.javaCategoryMaps();
    Categories[] categories = new Categories[model.numFeatures()];
    for (int i = 0; i < categories.length; i++) {
      categories[i] = Categories.of(maps.getOrDefault(i, Map.of()));
    }
    return new FeatureIndexing(input, output, categories, Invalid.of(model));
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row, categories.length);
    int[] indices = vector instanceof SparseVector sparse ? sparse.indices() : null;
    double[] values = Form.stored(vector).clone();
    for (int i = 0; i < values.length; i++) {
      int feature = indices == null ? i : indices[i];
      if (categories[feature].count() > 0) {
        int index = categories[feature].index(values[i]);
        if (index < 0 && invalid == Invalid.SKIP) {
          return false;
        }
        values[i] = index < 0 ? other(feature, values[i]) : index;
      }
    }
    row.vector(output, Form.with(vector, values));
    return true;
  }

  private double other(int feature, double value) {
    if (invalid == Invalid.KEEP) {
      return categories[feature].count();
    }
    throw new RowFault(
        "Unknown category " + value + " of feature " + feature + " in column " + input.column());
  }
}
