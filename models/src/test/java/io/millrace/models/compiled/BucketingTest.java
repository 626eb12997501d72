package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.QuantileDiscretizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketingTest {
  private static final double MOST = Double.POSITIVE_INFINITY;

  private static Bucketizer several(String invalid) {
    return new Bucketizer()
        .setInputCols(new String[] {"age", "amount", "total", "price"})
        .setOutputCols(new String[] {"aged", "paid", "all", "priced"})
        .setSplitsArray(
            new double[][] {{-MOST, 0, 5, MOST}, {-MOST, 0.25, 1, 2}, {-1e30, 50, 1e30}, {0, 9, 1e9}})
        .setHandleInvalid(invalid);
  }

  @Test
  void findsBucketsAndRefusesOtherNumbers() throws Exception {
    Equality.Seen error = Equality.holds(Samples.fitted(several("error")), Samples.dirty());
    Equality.Seen keep = Equality.holds(Samples.fitted(several("keep")), Samples.dirty());
    Equality.Seen skip = Equality.holds(Samples.fitted(several("skip")), Samples.dirty());

    assertThat(Set.copyOf(error.refused().values()))
        .containsExactlyInAnyOrder(
            "Cannot find a bucket in column age for NaN",
            "Cannot find a bucket in column amount for NaN",
            "Expected a number from -Infinity to 2.0 in column amount, not Infinity");
    assertThat(Set.copyOf(keep.refused().values()))
        .containsExactly("Expected a number from -Infinity to 2.0 in column amount, not Infinity");
    assertThat(skip.skipped()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "keep", "skip"})
  void findsTheQuantileOfANumber(String invalid) throws Exception {
    QuantileDiscretizer discretizer =
        new QuantileDiscretizer()
            .setInputCol("age")
            .setOutputCol("quantile")
            .setNumBuckets(7)
            .setHandleInvalid(invalid);

    Equality.Seen seen = Equality.holds(Samples.fitted(discretizer), Samples.dirty());

    assertThat(seen.scored()).isPositive();
    assertThat(seen.skipped() > 0).isEqualTo(invalid.equals("skip"));
    assertThat(seen.refused().isEmpty()).isNotEqualTo(invalid.equals("error"));
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
        Equality.holds(Samples.fitted(several, negative, alsoNegative), Samples.dirty());

    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactlyInAnyOrder(
            "Missing vector in column dense", "Missing vector in column sparse");
  }

  @Test
  void namesATypeThatSparkDoesNotCompare() {
    Binarizer binarizer = new Binarizer().setInputCol("visits").setOutputCol("many");

    assertThatThrownBy(() -> Program.of(Samples.fitted(binarizer), Samples.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column visits is int");
  }
}
