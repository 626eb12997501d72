package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.feature.Imputer;
import org.junit.jupiter.api.Test;

class ImputingTest {
  private static Imputer imputer(String strategy) {
    return new Imputer()
        .setInputCols(new String[] {"age", "amount", "visits", "total", "rank"})
        .setOutputCols(
            new String[] {
              "age" + strategy,
              "amount" + strategy,
              "visits" + strategy,
              "total" + strategy,
              "rank" + strategy
            })
        .setStrategy(strategy);
  }

  @Test
  void imputesColumnsOfEachType() throws Exception {
    Imputer ofZero = new Imputer().setInputCol("age").setOutputCol("aged").setMissingValue(0);
    Imputer inPlace =
        new Imputer().setInputCol("visits").setOutputCol("visits").setMissingValue(-7);

    Equality.Seen seen =
        Equality.holds(
            FeatureRows.fitted(
                imputer("mean"), imputer("median"), imputer("mode"), ofZero, inPlace),
            FeatureRows.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void leavesDecimalsToSpark() {
    Imputer imputer = new Imputer().setInputCol("price").setOutputCol("priced");

    assertThatThrownBy(() -> Program.of(FeatureRows.fitted(imputer), FeatureRows.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column price is imputed as decimal(12,2)");
  }
}
