package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.sql.types.DataTypes;

/**
 * The bucket of a number, as a {@link Bucketizer} finds it; that of null is null.
 *
 * @param splits the bounds of the buckets, in order
 * @param keeping whether NaN gets a bucket after all others
 */
@SuppressWarnings("ArrayRecordComponent")
record Bucketing(Source input, Slot output, double[] splits, boolean keeping) implements RowStage {
  static RowStage of(Bucketizer stage, Columns columns) throws Uncompiled {
    Pairs pairs = Pairs.of(stage);
    Source[] inputs = pairs.sources(column -> Source.number(column, columns));
    Invalid invalid = Invalid.of(stage);
    List<RowStage> stages = new ArrayList<>();
    if (invalid == Invalid.SKIP) {
      stages.add(Dropping.of(inputs));
    }
    for (int i = 0; i < inputs.length; i++) {
      Slot output = columns.addNumber(pairs.outputs()[i], DataTypes.DoubleType);
      stages.add(new Bucketing(inputs[i], output, splits(stage, i), invalid == Invalid.KEEP));
    }
    return Together.of(stages.toArray(RowStage[]::new));
  }

  private static double[] splits(Bucketizer stage, int column) {
    return stage.isSet(stage.inputCols()) ? stage.getSplitsArray()[column] : stage.getSplits();
  }

  @Override
  public boolean run(Cells row) {
    if (!row.isNull(input.slot())) {
      row.number(output, bucket(row.number(input.slot())));
    }
    return true;
  }

  private int bucket(double value) {
    int last = splits.length - 1;
    if (Double.isNaN(value)) {
      return other(last);
    }
    if (value == splits[last]) {
      return last - 1;
    }
    int place = Arrays.binarySearch(splits, value);
    int bucket = place >= 0 ? place : -place - 2;
    if (bucket < 0 || bucket >= last) {
      throw outside(value);
    }
    return bucket;
  }

  private int other(int bucket) {
    if (keeping) {
      return bucket;
    }
    throw new RowFault("Cannot find a bucket in column " + input.column() + " for NaN");
  }

  private RowFault outside(double value) {
    return new RowFault(
        "Expected a number from "
            + splits[0]
            + " to "
            + splits[splits.length - 1]
            + " in column "
            + input.column()
            + ", not "
            + value);
  }
}
