package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorIndexer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
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
    Equality.Seen seen = Equality.holds(Samples.fitted(cities("error")), Samples.dirty());

    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactlyInAnyOrder(
            "Missing label in column city", "Unknown label Atlantis in column city");
  }

  @Test
  void keepsOtherLabelsUnderOneIndex() throws Exception {
    Equality.Seen seen = Equality.holds(Samples.fitted(several("keep")), Samples.dirty());

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
  }

  @Test
  void skipsRowsWithOtherLabelsAndNaN() throws Exception {
    Dataset<Row> rows = Samples.dirty();
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
    PipelineModel model = Samples.fitted(several("keep"));
    Dataset<Row> rows = Samples.dirty().drop("city", "total");

    Equality.Seen seen = Equality.holds(model, rows);

    assertThat(seen.scored()).isEqualTo(Equality.ROWS);
    assertThat(Program.of(model, rows.schema()).column("place")).isEmpty();
    assertThatThrownBy(() -> Program.of(Samples.fitted(cities("skip")), rows.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the rows have no column city");
  }

  @Test
  void namesABooleanThatOnlySparkWouldRefuse() {
    Dataset<Row> rows = Samples.dirty().selectExpr("id", "member as city");

    assertThatThrownBy(() -> Program.of(Samples.fitted(cities("keep")), rows.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column city is boolean, which a stage reads as a number");
  }

  @Test
  void turnsIndicesIntoLabelsOfTheStageOrOfTheIndexer() throws Exception {
    PipelineModel model =
        Samples.fitted(
            cities("keep"),
            new IndexToString().setInputCol("place").setOutputCol("again"),
            cities("keep").setInputCol("again").setOutputCol("replaced"),
            new IndexToString()
                .setInputCol("age")
                .setOutputCol("named")
                .setLabels(new String[] {"none", "one", "two", "three"}));

    Equality.Seen seen = Equality.holds(model, Samples.dirty());

    assertThat(seen.scored()).isPositive();
    assertThat(seen.refused().values())
        .contains(
            "Missing index in column age",
            "Expected an index below 4 in column age, not NaN",
            "Expected an index below 4 in column age, not Infinity");
  }

  @Test
  void needsLabelsThatSomeStageKnows() {
    PipelineModel model =
        Samples.fitted(
            new IndexToString().setInputCol("age").setOutputCol("named"));

    assertThatThrownBy(() -> Program.of(model, Samples.dirty().schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the labels of the column age are not known");
  }

  private static VectorIndexer categories(String column, String invalid) {
    return new VectorIndexer()
        .setInputCol(column)
        .setOutputCol("indexed")
        .setMaxCategories(4)
        .setHandleInvalid(invalid);
  }

  @Test
  void indexesFeaturesOfDenseVectors() throws Exception {
    Equality.Seen keep = Equality.holds(Samples.fitted(categories("dense", "keep")), Samples.dirty());
    Equality.Seen skip = Equality.holds(Samples.fitted(categories("dense", "skip")), Samples.dirty());
    Equality.Seen error =
        Equality.holds(Samples.fitted(categories("dense", "error")), Samples.dirty());

    assertThat(keep.refused().values())
        .contains("Missing vector in column dense", "Expected a vector of 4 in column dense, not of 5");
    assertThat(skip.skipped()).isPositive();
    assertThat(error.refused().values()).contains("Unknown category NaN of feature 0 in column dense");
  }

  @Test
  void indexesFeaturesOfSparseVectors() throws Exception {
    Equality.Seen keep =
        Equality.holds(Samples.fitted(categories("sparse", "keep")), Samples.dirty());

    assertThat(keep.refused().values())
        .contains(
            "Missing vector in column sparse", "Expected a vector of 20 in column sparse, not of 18");
  }
}
