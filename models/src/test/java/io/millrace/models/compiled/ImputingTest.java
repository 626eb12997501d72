package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.feature.Imputer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImputingTest {
  @ParameterizedTest
  @ValueSource(strings = {"mean", "median", "mode"})
  void imputesColumnsOfEachType(String strategy) throws Exception {
    Imputer imputer =
        new Imputer()
            .setInputCols(new String[] {"age", "amount", "visits", "total", "rank"})
            .setOutputCols(new String[] {"age2", "amount2", "visits2", "total2", "rank2"})
            .setStrategy(strategy);

    Equality.Seen seen = Equality.holds(Samples.fitted(imputer), Samples.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void imputesOneColumnInItsOwnPlace() throws Exception {
    Imputer imputer =
        new Imputer().setInputCol("visits").setOutputCol("visits").setMissingValue(-7);
    Imputer zero = new Imputer().setInputCol("age").setOutputCol("aged").setMissingValue(0);

    Equality.Seen seen = Equality.holds(Samples.fitted(imputer, zero), Samples.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void leavesDecimalsToSpark() {
    Imputer imputer = new Imputer().setInputCol("price").setOutputCol("priced");

    assertThatThrownBy(() -> Program.of(Samples.fitted(imputer), Samples.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column price is imputed as decimal(12,2)");
  }
}
