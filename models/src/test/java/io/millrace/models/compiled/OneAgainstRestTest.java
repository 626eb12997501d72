package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.classification.Classifier;
import org.apache.spark.ml.classification.DecisionTreeClassifier;
import org.apache.spark.ml.classification.LinearSVC;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.OneVsRest;
import org.apache.spark.ml.classification.OneVsRestModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class OneAgainstRestTest {
  private static final Dataset<Row> TRAINING = Samples.training();

  @Test
  void asksAModelForEachClass() throws Exception {
    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                model(new LogisticRegression().setMaxIter(2), "a"),
                model(new LinearSVC().setMaxIter(2), "b").setPredictionCol(""),
                model(new DecisionTreeClassifier().setMaxDepth(3), "c").setRawPredictionCol("")),
            Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 7");
  }

  private static OneVsRestModel model(Classifier<?, ?, ?> classifier, String name) {
    return new OneVsRest()
        .setClassifier(classifier)
        .fit(TRAINING)
        .setRawPredictionCol(name + "_raw")
        .setPredictionCol(name + "_class");
  }
}
