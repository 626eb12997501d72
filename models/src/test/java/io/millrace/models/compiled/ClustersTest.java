package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.clustering.BisectingKMeans;
import org.apache.spark.ml.clustering.BisectingKMeansModel;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ClustersTest {
  private static final Dataset<Row> TRAINING = Samples.training();

  @Test
  void findsTheNearestCentre() throws Exception {
    KMeansModel few = kmeans("euclidean", 3).fit(TRAINING);
    KMeansModel many = kmeans("euclidean", 30).fit(TRAINING);

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(few.setPredictionCol("few"), many.setPredictionCol("many")),
            Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains("Cannot predict with features that are null")
        .anyMatch(reason -> reason.contains("Both vectors should have same length"))
        .anyMatch(reason -> reason.contains("Both norms should be greater or equal to 0.0"));
  }

  @Test
  void findsTheCentreInTheNearestDirection() throws Exception {
    KMeansModel few = kmeans("cosine", 3).fit(TRAINING);
    KMeansModel many = kmeans("cosine", 20).fit(TRAINING);

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(few.setPredictionCol("few"), many.setPredictionCol("many")),
            Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains("Cannot tell the direction of features that are all 0 or not numbers");
  }

  @Test
  void goesDownTheClustersThatWereSplit() throws Exception {
    BisectingKMeans bisecting = new BisectingKMeans().setK(5).setMaxIter(3).setSeed(5);
    BisectingKMeansModel near = bisecting.fit(TRAINING);
    near.setPredictionCol("near");
    BisectingKMeansModel ahead = bisecting.setDistanceMeasure("cosine").fit(TRAINING);
    ahead.setPredictionCol("ahead");

    Equality.Seen seen = Equality.holds(Samples.pipeline(near, ahead), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused()).isNotEmpty();
  }

  @Test
  void leavesAPredictionWithoutAName() throws Exception {
    KMeansModel model = kmeans("euclidean", 2).fit(TRAINING).setPredictionCol("");

    assertThatThrownBy(() -> Clusters.of(model, new Columns(TRAINING.schema())))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column of its predictions has no name");
  }

  private static KMeans kmeans(String distance, int k) {
    return new KMeans().setDistanceMeasure(distance).setK(k).setMaxIter(3).setSeed(5);
  }
}
