package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodingTest {
  /** With categories between two others, some that do not occur in clean rows, and null. */
  private static Dataset<Row> categories() {
    return Samples.dirty()
        .selectExpr("*", "if(isnan(age), 2.5D, least(greatest(age / 3, -1), 8)) as part");
  }

  private static OneHotEncoder encoder(String invalid, boolean dropLast) {
    return new OneHotEncoder()
        .setInputCols(new String[] {"visits", "rank"})
        .setOutputCols(new String[] {"visited", "ranked"})
        .setDropLast(dropLast)
        .setHandleInvalid(invalid);
  }

  @ParameterizedTest
  @CsvSource({"keep, true", "keep, false", "error, true", "error, false"})
  void encodesCategories(String invalid, boolean dropLast) throws Exception {
    Equality.Seen seen =
        Equality.holds(Samples.fitted(encoder(invalid, dropLast)), Samples.dirty());

    if (invalid.equals("keep")) {
      assertThat(seen.refused()).isEmpty();
    } else {
      assertThat(seen.refused().values())
          .isNotEmpty()
          .containsOnly("Expected a category from 0 to 5 in column visits, not -7.0");
    }
  }

  @Test
  void encodesFractionsByWhatTheyAreAbove() throws Exception {
    Dataset<Row> rows = categories();
    OneHotEncoder encoder = new OneHotEncoder().setInputCol("visits").setOutputCol("encoded");

    Equality.Seen seen =
        Equality.holds(
            Samples.fitted(encoder),
            rows.drop("visits").withColumnRenamed("part", "visits"));

    assertThat(seen.scored()).isPositive();
    assertThat(seen.refused().values())
        .contains(
            "Expected a category from 0 to 5 in column visits, not 8.0",
            "Expected a category from 0 to 5 in column visits, not -1.0");
  }
}
