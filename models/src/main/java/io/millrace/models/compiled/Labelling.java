package io.millrace.models.compiled;

import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.LongType;

/**
 * The label in a place, as {@link IndexToString} gives it.
 *
 * @param first whether NaN is the first place, as it is without ANSI casts
 */
@SuppressWarnings("ArrayRecordComponent")
record Labelling(Source input, Slot output, String[] labels, boolean first) implements RowStage {
  static RowStage of(IndexToString stage, Columns columns) throws Uncompiled {
    Source input = Source.number(stage.getInputCol(), columns);
    DataType type = input.slot().type();
    if (type instanceof LongType || type instanceof DecimalType) {
      throw new Uncompiled("the column " + input.column() + " is " + type.simpleString());
    }
    String[] labels = labels(stage, columns);
    Slot output = columns.addText(stage.getOutputCol());
    return new Labelling(input, output, labels, !SQLConf.get().ansiEnabled());
  }

  private static String[] labels(IndexToString stage, Columns columns) throws Uncompiled {
    return stage.isDefined(stage.labels()) && stage.getLabels().length > 0
        ? stage.getLabels()
        : columns.labels(stage.getInputCol());
  }

  @Override
  public boolean run(Cells row) {
    if (row.isNull(input.slot())) {
      throw input.missing("index");
    }
    double number = row.number(input.slot());
    int place = (int) number;
    if (place < 0 || place >= labels.length || (Double.isNaN(number) && !first)) {
      throw unknown(number);
    }
    row.text(output, labels[place]);
    return true;
  }

  private RowFault unknown(double number) {
    return new RowFault(
        "Expected an index below "
            + labels.length
            + " in column "
            + input.column()
            + ", not "
            + number);
  }
}
