package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSizeHint;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class AssemblingTest {
  private static VectorAssembler assembler(String invalid, String... columns) {
    return new VectorAssembler()
        .setInputCols(columns)
        .setOutputCol("features")
        .setHandleInvalid(invalid);
  }

  private static VectorSizeHint sized(String column, int size, String invalid) {
    return new VectorSizeHint().setInputCol(column).setSize(size).setHandleInvalid(invalid);
  }

  @Test
  void refusesWhatIsMissing() throws Exception {
    Equality.Seen seen =
        Equality.holds(
            FeatureRows.fitted(assembler("error", "age", "dense", "visits", "member", "price")),
            FeatureRows.dirty());

    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactlyInAnyOrder(
            "Cannot assemble column age, which is NaN",
            "Cannot assemble column age, which is null",
            "Cannot assemble column dense, which is null",
            "Cannot assemble column visits, which is null",
            "Cannot assemble column member, which is null",
            "Cannot assemble column price, which is null");
  }

  @Test
  void choosesTheFormThatSparkChooses() throws Exception {
    Dataset<Row> rows = FeatureRows.dirty();
    PipelineModel model = FeatureRows.fitted(assembler("skip", "sparse", "visits", "amount"));

    Equality.Seen seen = Equality.holds(model, rows);

    assertThat(seen.skipped())
        .isEqualTo(
            rows.filter("sparse is null or visits is null or amount is null or isnan(amount)")
                .count());
    assertThat(
            model
                .transform(rows)
                .selectExpr("split(cast(features as string), '[(]')[0] = '' as sparse")
                .distinct()
                .count())
        .isEqualTo(2);
  }

  @Test
  void keepsWhatIsMissingAsNaN() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            sized("dense", 4, "optimistic"),
            sized("sparse", 20, "optimistic"),
            assembler("keep", "age", "sparse", "total", "member", "dense"));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void needsTheSizeOfVectorsThatItKeeps() {
    PipelineModel model =
        FeatureRows.fitted(sized("dense", 4, "optimistic"), assembler("keep", "dense", "sparse"));

    assertThatThrownBy(() -> Program.of(model, FeatureRows.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the size of the vectors in column sparse is not known");
  }

  @Test
  void checksTheSizeOfVectors() throws Exception {
    Equality.Seen error =
        Equality.holds(FeatureRows.fitted(sized("dense", 4, "error")), FeatureRows.dirty());
    Equality.Seen skip =
        Equality.holds(FeatureRows.fitted(sized("sparse", 20, "skip")), FeatureRows.dirty());

    assertThat(error.refused().values())
        .contains(
            "Missing vector in column dense", "Expected a vector of 4 in column dense, not of 6");
    assertThat(skip.skipped()).isPositive();
    assertThat(skip.refused()).isEmpty();
  }
}
