package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.IDF;
import org.apache.spark.ml.feature.MaxAbsScaler;
import org.apache.spark.ml.feature.MinMaxScaler;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.RobustScaler;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All stages that make a vector of another. */
class ScalingTest {
  private static StandardScaler standard(String column) {
    return new StandardScaler().setInputCol(column).setOutputCol("standard" + column);
  }

  private static RobustScaler robust(String column) {
    return new RobustScaler().setInputCol(column).setOutputCol("robust" + column);
  }

  /** Stages that take vectors of any size up to that which they know, or of any at all. */
  private static PipelineStage[] lenient(String column) {
    return new PipelineStage[] {
      standard(column),
      standard(column).setOutputCol("shifted").setWithMean(true),
      standard(column).setOutputCol("centred").setWithMean(true).setWithStd(false),
      robust(column),
      robust(column).setOutputCol("median").setWithCentering(true),
      robust(column).setOutputCol("around").setWithCentering(true).setWithScaling(false),
      new MaxAbsScaler().setInputCol(column).setOutputCol("greatest"),
      new IDF().setInputCol(column).setOutputCol("frequency"),
      new Normalizer().setInputCol(column).setOutputCol("norm"),
      new Normalizer().setInputCol(column).setOutputCol("one").setP(1),
      new Normalizer().setInputCol(column).setOutputCol("three").setP(3),
      new Normalizer().setInputCol(column).setOutputCol("most").setP(Double.POSITIVE_INFINITY),
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "sparse"})
  void scalesVectorsOfAnySizeThatFits(String column) throws Exception {
    Equality.Seen seen = Equality.holds(FeatureRows.fitted(lenient(column)), FeatureRows.dirty());

    assertThat(seen.scored()).isPositive();
    assertThat(seen.refused().values())
        .anyMatch(reason -> reason.startsWith("Missing vector in column "))
        .anyMatch(reason -> reason.startsWith("Expected a vector of at most "));
  }

  /** Stages that take vectors of one size only. */
  private static PipelineStage[] strict(String column) {
    return new PipelineStage[] {
      new MinMaxScaler().setInputCol(column).setOutputCol("unit"),
      new MinMaxScaler().setInputCol(column).setOutputCol("bounded").setMin(-3).setMax(7.1),
      new PCA().setInputCol(column).setOutputCol("projected").setK(3),
      new VectorSlicer().setInputCol(column).setOutputCol("slice").setIndices(new int[] {3, 0, 2}),
      new VectorSlicer().setInputCol(column).setOutputCol("sorted").setIndices(new int[] {1, 2, 3}),
      new ElementwiseProduct()
          .setInputCol(column)
          .setOutputCol("product")
          .setScalingVec(
              Vectors.sparse(
                  column.equals("dense") ? 4 : 20, new int[] {0, 2}, new double[] {2.5, -1})),
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "sparse"})
  void takesVectorsOfOneSize(String column) throws Exception {
    Equality.Seen seen = Equality.holds(FeatureRows.fitted(strict(column)), FeatureRows.dirty());

    assertThat(seen.scored()).isPositive();
    assertThat(seen.refused().values())
        .anyMatch(reason -> reason.startsWith("Missing vector in column "))
        .anyMatch(reason -> reason.matches("Expected a vector of (4|20) in column .*"));
  }

  @Test
  void knowsPlacesThatWereAlwaysTheSame() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            new Binarizer().setInputCol("sparse").setOutputCol("none").setThreshold(100),
            standard("none"),
            robust("none"),
            new MaxAbsScaler().setInputCol("none").setOutputCol("greatest"),
            new MinMaxScaler().setInputCol("dense").setOutputCol("unit"),
            new MinMaxScaler().setInputCol("none").setOutputCol("middle").setMin(2).setMax(3));
    Dataset<Row> rows = FeatureRows.dirty().filter("dense is not null and sparse is not null");

    Equality.Seen seen = Equality.holds(model, rows);

    assertThat(seen.scored()).isPositive();
  }

  @Test
  void copiesVectorsThatItIsNotToChange() throws Exception {
    PipelineModel model = FeatureRows.fitted(standard("dense").setWithStd(false));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void picksFeaturesThatAreThere() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            new VectorSlicer()
                .setInputCol("sparse")
                .setOutputCol("slice")
                .setIndices(new int[] {19, 0}));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.refused().values())
        .contains(
            "Missing vector in column sparse", "Needs feature 19 of column sparse, which has 18");
  }

  @Test
  void leavesFeaturesByNameToSpark() {
    PipelineModel model =
        FeatureRows.fitted(
            new VectorSlicer()
                .setInputCol("dense")
                .setOutputCol("slice")
                .setNames(new String[] {"first"}));

    assertThatThrownBy(() -> Program.of(model, FeatureRows.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("VectorSlicer picks features by name");
  }
}
