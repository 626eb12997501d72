package io.millrace.models.compiled;

import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.jspecify.annotations.Nullable;

/** A generalized linear model. Where there is no offset, there is no prediction either. */
record Generalized(
    Slot features,
    @Nullable Slot offset,
    @Nullable Slot link,
    @Nullable Slot prediction,
    Margin margin,
    GeneralizedLinearRegression.FamilyAndLink family)
    implements RowStage {

  static RowStage of(GeneralizedLinearRegressionModel model, Columns columns) throws Uncompiled {
    return new Generalized(
        columns.vector(model.getFeaturesCol()),
        model.hasOffsetCol() ? columns.number(model.getOffsetCol()) : null,
        Outputs.number(model.hasLinkPredictionCol() ? model.getLinkPredictionCol() : "", columns),
        Outputs.number(model.getPredictionCol(), columns),
        new Margin(model.coefficients(), model.intercept()),
        GeneralizedLinearRegression.FamilyAndLink$.MODULE$.apply(model));
  }

  @Override
  public boolean run(Cells row) {
    boolean wanted = link != null || prediction != null;
    if (wanted && (offset == null || !row.isNull(offset))) {
      predict(row, margin.of(Features.of(row, features)) + offset(row));
    }
    return true;
  }

  private double offset(Cells row) {
    return offset == null ? 0.0 : row.number(offset);
  }

  private void predict(Cells row, double linear) {
    if (link != null) {
      row.number(link, linear);
    }
    if (prediction != null) {
      row.number(prediction, family.fitted(linear));
    }
  }
}
