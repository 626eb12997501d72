package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Sessions;
import java.util.Set;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorIndexer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class IndexingTest {
  private static StringIndexer cities(String invalid) {
    return new StringIndexer().setInputCol("city").setOutputCol("place").setHandleInvalid(invalid);
  }

  /** Of a text and of numbers of four types. */
  private static StringIndexer several(String invalid) {
    return new StringIndexer()
        .setInputCols(new String[] {"city", "visits", "amount", "price", "total"})
        .setOutputCols(new String[] {"place", "visitor", "paid", "priced", "all"})
        .setHandleInvalid(invalid);
  }

  @Test
  void refusesLabelsThatItDoesNotKnow() throws Exception {
    Equality.Seen seen = Equality.holds(FeatureRows.fitted(cities("error")), FeatureRows.dirty());

    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactlyInAnyOrder(
            "Missing label in column city", "Unknown label Atlantis in column city");
  }

  @Test
  void keepsOtherLabelsUnderOneIndex() throws Exception {
    Equality.Seen seen = Equality.holds(FeatureRows.fitted(several("keep")), FeatureRows.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void skipsRowsWithOtherLabelsAndNaN() throws Exception {
    Dataset<Row> rows = FeatureRows.dirty();
    PipelineModel model =
        new Pipeline()
            .setStages(new StringIndexer[] {several("skip")})
            .fit(rows.filter("id % 2 = 0"));

    Equality.Seen seen = Equality.holds(model, rows);

    assertThat(seen.refused()).isEmpty();
    assertThat(seen.skipped()).isGreaterThan(rows.filter("isnan(amount)").count());
  }

  @Test
  void leavesOutColumnsThatTheRowsDoNotHave() throws Exception {
    PipelineModel model = FeatureRows.fitted(several("keep"));
    Dataset<Row> rows = FeatureRows.dirty().drop("city", "total");

    Equality.Seen seen = Equality.holds(model, rows);

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
    assertThat(Program.of(model, rows.schema()).column("place")).isEmpty();
    assertThatThrownBy(() -> Program.of(FeatureRows.fitted(cities("skip")), rows.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the rows have no column city");
  }

  @Test
  void namesABooleanThatOnlySparkWouldRefuse() {
    Dataset<Row> rows = FeatureRows.dirty().selectExpr("id", "member as city");

    assertThatThrownBy(() -> Program.of(FeatureRows.fitted(cities("keep")), rows.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column city is boolean, which a stage reads as a number");
  }

  @Test
  void turnsIndicesIntoLabelsOfTheStageOrOfTheIndexer() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            cities("keep"),
            new IndexToString().setInputCol("place").setOutputCol("again"),
            cities("keep").setInputCol("again").setOutputCol("replaced"),
            named("age"));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.scored()).isPositive();
    assertThat(seen.refused().values())
        .contains(
            "Missing index in column age",
            "Expected an index below 4 in column age, not NaN",
            "Expected an index below 4 in column age, not Infinity");
  }

  @Test
  void takesNaNForTheFirstLabelWithoutAnsiCasts() throws Exception {
    SparkSession spark = Sessions.spark();
    spark.conf().set("spark.sql.ansi.enabled", "false");
    try {
      PipelineModel model = FeatureRows.fitted(named("age"));

      Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

      assertThat(seen.refused().values())
          .doesNotContain("Expected an index below 4 in column age, not NaN");
    } finally {
      spark.conf().unset("spark.sql.ansi.enabled");
    }
  }

  private static IndexToString named(String column) {
    return new IndexToString()
        .setInputCol(column)
        .setOutputCol("named")
        .setLabels(new String[] {"none", "one", "two", "three"});
  }

  @Test
  void needsLabelsThatSomeStageKnows() {
    PipelineModel model =
        FeatureRows.fitted(new IndexToString().setInputCol("age").setOutputCol("named"));

    assertThatThrownBy(() -> Program.of(model, FeatureRows.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the labels of the column age are not known");
  }

  private static PipelineModel categories(String invalid) {
    return FeatureRows.fitted(indexer("dense", invalid), indexer("sparse", invalid));
  }

  private static VectorIndexer indexer(String column, String invalid) {
    return new VectorIndexer()
        .setInputCol(column)
        .setOutputCol(column + "2")
        .setMaxCategories(4)
        .setHandleInvalid(invalid);
  }

  @Test
  void keepsOtherCategoriesOfFeatures() throws Exception {
    Equality.Seen seen = Equality.holds(categories("keep"), FeatureRows.dirty());

    assertThat(seen.refused().values())
        .contains(
            "Missing vector in column dense",
            "Expected a vector of 4 in column dense, not of 5",
            "Missing vector in column sparse",
            "Expected a vector of 20 in column sparse, not of 18")
        .noneMatch(reason -> reason.startsWith("Unknown"));
  }

  @Test
  void refusesOtherCategoriesOfFeatures() throws Exception {
    Equality.Seen seen = Equality.holds(categories("error"), FeatureRows.dirty());

    assertThat(seen.refused().values())
        .contains("Unknown category NaN of feature 0 in column dense");
  }

  @Test
  void skipsRowsWithOtherCategoriesOfFeatures() throws Exception {
    Equality.Seen seen =
        Equality.holds(FeatureRows.fitted(indexer("dense", "skip")), FeatureRows.dirty());

    assertThat(seen.skipped()).isPositive();
    assertThat(seen.refused().values()).noneMatch(reason -> reason.startsWith("Unknown"));
  }
}
