package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.QuantileDiscretizer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class BucketingTest {
  private static final double MOST = Double.POSITIVE_INFINITY;

  private static Bucketizer several(String invalid) {
    return new Bucketizer()
        .setInputCols(new String[] {"age", "amount", "total", "price"})
        .setOutputCols(new String[] {"aged", "paid", "all", "priced"})
        .setSplitsArray(
            new double[][] {
              {-MOST, 0, 5, MOST}, {-MOST, 0.25, 1, 2}, {-1e30, 50, 1e30}, {0, 9, 1e9}
            })
        .setHandleInvalid(invalid);
  }

  private static Equality.Seen seen(String invalid) throws Exception {
    QuantileDiscretizer quantiles =
        new QuantileDiscretizer()
            .setInputCol("age")
            .setOutputCol("quantile")
            .setNumBuckets(7)
            .setHandleInvalid(invalid);
    return Equality.holds(FeatureRows.fitted(several(invalid), quantiles), FeatureRows.dirty());
  }

  @Test
  void refusesNumbersWithoutABucket() throws Exception {
    assertThat(Set.copyOf(seen("error").refused().values()))
        .containsExactlyInAnyOrder(
            "Cannot find a bucket in column age for NaN",
            "Cannot find a bucket in column amount for NaN",
            "Expected a number from -Infinity to 2.0 in column amount, not Infinity");
  }

  @Test
  void keepsNaNInABucketOfItsOwn() throws Exception {
    assertThat(Set.copyOf(seen("keep").refused().values()))
        .containsExactly("Expected a number from -Infinity to 2.0 in column amount, not Infinity");
  }

  @Test
  void skipsRowsWithoutANumberBeforeItLooksForBuckets() throws Exception {
    Equality.Seen seen = seen("skip");

    assertThat(seen.skipped())
        .isEqualTo(
            FeatureRows.dirty()
                .filter(
                    "isnan(age) or isnan(amount) or age is null or amount is null"
                        + " or total is null or price is null")
                .count());
    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactly("Expected a number from -Infinity to 2.0 in column amount, not Infinity");
  }

  @Test
  void comparesNumbersAndVectorsWithAThreshold() throws Exception {
    Binarizer several =
        new Binarizer()
            .setInputCols(new String[] {"age", "dense", "sparse"})
            .setOutputCols(new String[] {"grown", "above", "over"})
            .setThresholds(new double[] {-0.0, 0.5, 0.25});
    Binarizer negative =
        new Binarizer().setInputCol("sparse").setOutputCol("under").setThreshold(-0.5);
    Binarizer alsoNegative =
        new Binarizer().setInputCol("dense").setOutputCol("below").setThreshold(-1e300);

    Equality.Seen seen =
        Equality.holds(FeatureRows.fitted(several, negative, alsoNegative), FeatureRows.dirty());

    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactlyInAnyOrder(
            "Missing vector in column dense", "Missing vector in column sparse");
  }

  @Test
  void namesATypeThatSparkDoesNotCompare() {
    PipelineModel model =
        FeatureRows.fitted(new Binarizer().setInputCol("age").setOutputCol("grown"));
    Dataset<Row> rows = FeatureRows.dirty().selectExpr("id", "visits as age");

    assertThatThrownBy(() -> Program.of(model, rows.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column age is int");
  }
}
