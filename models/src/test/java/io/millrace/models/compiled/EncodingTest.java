package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class EncodingTest {
  /** With categories between two others, some that do not occur in clean rows, and null. */
  private static Dataset<Row> categories() {
    return FeatureRows.dirty()
        .selectExpr("*", "if(isnan(age), 2.5D, least(greatest(age / 3, -1), 8)) as part");
  }

  private static PipelineModel fitted(String invalid) {
    OneHotEncoder all =
        new OneHotEncoder()
            .setInputCols(new String[] {"visits", "rank"})
            .setOutputCols(new String[] {"visited", "ranked"})
            .setDropLast(false)
            .setHandleInvalid(invalid);
    OneHotEncoder one =
        new OneHotEncoder().setInputCol("visits").setOutputCol("first").setHandleInvalid(invalid);
    return FeatureRows.fitted(all, one);
  }

  @Test
  void encodesOtherCategoriesAsOneMore() throws Exception {
    Equality.Seen seen = Equality.holds(fitted("keep"), FeatureRows.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void refusesOtherCategories() throws Exception {
    Equality.Seen seen = Equality.holds(fitted("error"), FeatureRows.dirty());

    assertThat(seen.refused().values())
        .isNotEmpty()
        .containsOnly("Expected a category from 0 to 5 in column visits, not -7.0");
  }

  @Test
  void encodesFractionsByWhatTheyAreAbove() throws Exception {
    Dataset<Row> rows = categories();
    OneHotEncoder encoder = new OneHotEncoder().setInputCol("visits").setOutputCol("encoded");

    Equality.Seen seen =
        Equality.holds(
            FeatureRows.fitted(encoder), rows.drop("visits").withColumnRenamed("part", "visits"));

    assertThat(seen.scored()).isPositive();
    assertThat(seen.refused().values())
        .contains(
            "Expected a category from 0 to 5 in column visits, not 8.0",
            "Expected a category from 0 to 5 in column visits, not -1.0");
  }
}
