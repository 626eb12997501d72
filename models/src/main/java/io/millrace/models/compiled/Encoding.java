package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * A vector with a one in the place of a category, as a {@link OneHotEncoderModel} gives it.
 *
 * @param categories how many there are
 * @param size of the vector; one more if others are kept, one less if the last has none
 */
record Encoding(Source input, Slot output, int categories, int size, Invalid invalid)
    implements RowStage {
  private static final int[] NOWHERE = {};
  private static final double[] NOTHING = {};

  static RowStage of(OneHotEncoderModel model, Columns columns) throws Uncompiled {
    Pairs pairs = Pairs.of(model);
    Source[] inputs = pairs.sources(column -> Source.number(column, columns));
    Invalid invalid = Invalid.of(model);
    int more = (invalid == Invalid.KEEP ? 1 : 0) - (model.getDropLast() ? 1 : 0);
    List<RowStage> stages = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      int categories = model.categorySizes()[i];
      Slot output = columns.addVector(pairs.outputs()[i], categories + more);
      stages.add(new Encoding(inputs[i], output, categories, categories + more, invalid));
    }
    return Together.of(stages.toArray(RowStage[]::new));
  }

  @Override
  public boolean run(Cells row) {
    if (!row.isNull(input.slot())) {
      row.vector(output, vector(row.number(input.slot())));
    }
    return true;
  }

  private Vector vector(double category) {
    double place = category >= 0 && category < categories ? category : other(category);
    return place < size
        ? new SparseVector(size, new int[] {(int) place}, new double[] {1})
        : new SparseVector(size, NOWHERE, NOTHING);
  }

  private double other(double category) {
    if (invalid == Invalid.KEEP) {
      return categories;
    }
    throw new RowFault(
        "Expected a category from 0 to "
            + (categories - 1)
            + " in column "
            + input.column()
            + ", not "
            + category);
  }
}
