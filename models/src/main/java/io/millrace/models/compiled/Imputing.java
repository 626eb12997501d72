package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import scala.Option;

/**
 * Another number in the place of one that is missing, as an {@link ImputerModel} gives it.
 *
 * @param missing the number that counts as missing, besides null
 * @param surrogate as a number of the column's type
 */
record Imputing(Slot input, Slot output, double missing, double surrogate) implements RowStage {
  static RowStage of(ImputerModel model, Columns columns) throws Uncompiled {
    Pairs pairs = Pairs.of(model);
    Source[] inputs = pairs.sources(column -> Source.number(column, columns));
    List<RowStage> stages = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      Slot input = inputs[i].slot();
      stages.add(
          new Imputing(
              input,
              columns.addNumber(pairs.outputs()[i], input.type()),
              model.getMissingValue(),
              as(input.type(), surrogate(model, inputs[i].column()), inputs[i].column())));
    }
    return Together.of(stages.toArray(RowStage[]::new));
  }

  private static double surrogate(ImputerModel model, String column) throws Uncompiled {
    int at = Arrays.asList(model.columnNames()).indexOf(column);
    if (at < 0) {
      throw new Uncompiled("the imputer has no number for the column " + column);
    }
    return model.surrogates()[at];
  }

  private static double as(DataType type, double surrogate, String column) throws Uncompiled {
    Object cast =
        new Cast(
                Literal.create(surrogate, DataTypes.DoubleType),
                type,
                Option.empty(),
                EvalMode.TRY())
            .eval(null);
    if (cast == null || type instanceof DecimalType) {
      throw new Uncompiled("the column " + column + " is imputed as " + type.simpleString());
    }
    return ((Number) cast).doubleValue();
  }

  @Override
  public boolean run(Cells row) {
    row.number(
        output, row.isNull(input) || isMissing(row.number(input)) ? surrogate : row.number(input));
    return true;
  }

  /** NaN is as much as NaN, as in SQL. */
  private boolean isMissing(double number) {
    return number == missing || (Double.isNaN(number) && Double.isNaN(missing));
  }
}
