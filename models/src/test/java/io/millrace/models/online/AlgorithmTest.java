package io.millrace.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.testing.Sessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.classification.StreamingLogisticRegressionWithSGD;
import org.apache.spark.mllib.clustering.StreamingKMeans;
import org.apache.spark.mllib.clustering.StreamingKMeansModel;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.regression.LabeledPoint;
import org.apache.spark.mllib.regression.StreamingLinearRegressionWithSGD;
import org.junit.jupiter.api.Test;

class AlgorithmTest {
  private static final int BATCHES = 6;
  private static final int ROWS = 40;
  private static final double ROUNDING = 1e-12;

  /** Batches of points around two places, each with a label. */
  private static List<JavaRDD<LabeledPoint>> batches(Labelling labels, boolean constant) {
    Random random = new Random(7);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(Sessions.spark().sparkContext());
    List<JavaRDD<LabeledPoint>> batches = new ArrayList<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      List<LabeledPoint> points = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        double middle = row % 2 == 0 ? 2 : -1;
        double first = middle + 0.8 * random.nextGaussian();
        double second = -middle + 0.8 * random.nextGaussian();
        points.add(
            new LabeledPoint(
                labels.of(first, second),
                constant ? Vectors.dense(first, second, 1) : Vectors.dense(first, second)));
      }
      batches.add(spark.parallelize(points, 2));
    }
    return batches;
  }

  @FunctionalInterface
  private interface Labelling {
    double of(double first, double second);
  }

  private static double number(double first, double second) {
    return 3 * first - 2 * second + 0.5;
  }

  private static double binary(double first, double second) {
    return first > second ? 1 : 0;
  }

  private static State learned(Algorithm algorithm, Labelling labels) {
    State state = algorithm.start(2, 11);
    for (JavaRDD<LabeledPoint> batch : batches(labels, false)) {
      state = algorithm.learn(batch, state);
    }
    return state;
  }

  private static void assertClose(double[] found, double[] expected) {
    assertThat(found).containsExactly(expected, within(ROUNDING));
  }

  @Test
  void meansMoveAsThoseOfSpark() {
    List<KMeans> all =
        List.of(
            means(Optional.empty(), Optional.empty()),
            means(Optional.of(0.5), Optional.empty()),
            means(Optional.empty(), Optional.of("2 batches")),
            means(Optional.empty(), Optional.of("30 points")));
    List<StreamingKMeans> sparks =
        List.of(
            new StreamingKMeans(3, 1, "batches"),
            new StreamingKMeans(3, 0.5, "batches"),
            new StreamingKMeans(3, 1, "batches").setHalfLife(2, "batches"),
            new StreamingKMeans(3, 1, "points").setHalfLife(30, "points"));
    for (int i = 0; i < all.size(); i++) {
      StreamingKMeans spark = sparks.get(i);
      StreamingKMeansModel model = spark.setRandomCenters(2, 0.0, 11).latestModel();
      for (JavaRDD<LabeledPoint> batch : batches(AlgorithmTest::number, false)) {
        JavaRDD<Vector> points = batch.map(point -> point.features().copy());
        model = model.update(points.rdd(), spark.decayFactor(), spark.timeUnit());
      }

      State state = learned(all.get(i), AlgorithmTest::number);

      assertClose(State.doubles(state.counts()), model.clusterWeights());
      for (int cluster = 0; cluster < 3; cluster++) {
        assertClose(state.vector(cluster), model.clusterCenters()[cluster].toArray());
      }
    }
  }

  private static KMeans means(Optional<Double> decay, Optional<String> halfLife) {
    return new KMeans(3, decay, halfLife, Optional.empty());
  }

  @Test
  void linearRegressionDescendsAsThatOfSpark() {
    StreamingLinearRegressionWithSGD spark =
        new StreamingLinearRegressionWithSGD().setStepSize(0.2).setNumIterations(8);
    Vector weights = Vectors.zeros(2);
    for (JavaRDD<LabeledPoint> batch : batches(AlgorithmTest::number, false)) {
      weights = spark.algorithm().run(batch.rdd(), weights).weights();
    }

    State state = learned(new LinearRegression(0.2, 8, 0.001, 0, 1, false), AlgorithmTest::number);

    assertClose(state.vector(0), new double[] {weights.apply(0), weights.apply(1), 0});
  }

  /** Spark's own intercept begins at 1 with each batch, so a feature that is 1 stands in for it. */
  @Test
  void logisticRegressionDescendsAsThatOfSparkWithAConstant() {
    StreamingLogisticRegressionWithSGD spark =
        new StreamingLogisticRegressionWithSGD()
            .setStepSize(0.5)
            .setNumIterations(8)
            .setRegParam(0.01)
            .setMiniBatchFraction(0.5);
    spark.algorithm().optimizer().setConvergenceTol(0);
    Vector weights = Vectors.zeros(3);
    for (JavaRDD<LabeledPoint> batch : batches(AlgorithmTest::binary, true)) {
      weights = spark.algorithm().run(batch.rdd(), weights).weights();
    }

    State state =
        learned(new LogisticRegression(0.5, 8, 0, 0.01, 0.5, true), AlgorithmTest::binary);

    assertClose(state.vector(0), weights.toArray());
  }

  @Test
  void findsWhatTheRowsWereMadeFrom() {
    State line = learned(new LinearRegression(0.3, 60, 0, 0, 1, true), AlgorithmTest::number);
    assertThat(line.vector(0)).containsExactly(new double[] {3, -2, 0.5}, within(0.1));

    State means = learned(means(Optional.of(0.9), Optional.empty()), AlgorithmTest::number);
    assertThat(means.vectors())
        .anySatisfy(center -> assertThat(center.get(0)).isCloseTo(2, within(0.6)))
        .anySatisfy(center -> assertThat(center.get(0)).isCloseTo(-1, within(0.6)));
  }

  @Test
  void thePenaltyKeepsWeightsSmall() {
    double free =
        learned(new LinearRegression(0.2, 20, 0.001, 0, 1, true), AlgorithmTest::number)
            .vector(0)[0];
    double held =
        learned(new LinearRegression(0.2, 20, 0.001, 0.5, 1, true), AlgorithmTest::number)
            .vector(0)[0];

    assertThat(held).isBetween(0.5, free - 0.3);
  }

  @Test
  void measuresHowFarOffItIs() {
    JavaRDD<LabeledPoint> points =
        JavaSparkContext.fromSparkContext(Sessions.spark().sparkContext())
            .parallelize(
                List.of(
                    new LabeledPoint(1, Vectors.dense(2)), new LabeledPoint(0, Vectors.dense(-1))));
    State state = new State(List.of(List.of(1.0, 0.5)), List.of());

    LinearRegression line = new LinearRegression(0.1, 1, 0.001, 0, 1, true);
    assertThat(line.figures(line.errors(points, state)))
        .containsEntry("rmse", Math.sqrt((1.5 * 1.5 + 0.5 * 0.5) / 2))
        .containsEntry("mae", 1.0);
    LogisticRegression classes = new LogisticRegression(0.1, 1, 0.001, 0, 1, true);
    assertThat(classes.figures(classes.errors(points, state)).get("log_loss"))
        .isCloseTo(
            (Math.log(1 + Math.exp(-2.5)) + Math.log(1 + Math.exp(-0.5))) / 2, within(1e-15));
    assertThat(classes.figures(classes.errors(points, state))).containsEntry("accuracy", 1.0);
    KMeans means = new KMeans(2, Optional.empty(), Optional.empty(), Optional.empty());
    State centers = new State(List.of(List.of(1.0), List.of(-3.0)), List.of(0.0, 0.0));
    assertThat(means.figures(means.errors(points, centers)))
        .containsEntry("mean_squared_distance", (1.0 + 4.0) / 2);
  }

  @Test
  void tellsAllThatIsWrongAtOnce() {
    assertThatThrownBy(() -> new LinearRegression(0, 0, 2, -1, 2, true))
        .hasMessage(
            "Expected step of more than 0, found 0.0. Expected iterations of 1 or more, found 0."
                + " Expected tolerance of 0 to 1, found 2.0. Expected regularization of 0 or more,"
                + " found -1.0. Expected sample of more than 0 and at most 1, found 2.0");
    assertThatThrownBy(
            () -> new KMeans(1, Optional.of(2.0), Optional.of("soon"), Optional.of(-1.0)))
        .hasMessage(
            "Expected clusters of 2 or more, found 1. Cannot take both decay and half-life. Use one"
                + " of them. Expected decay of 0 to 1, found 2.0. Expected half-life such as 20"
                + " batches or 10000 points, found soon. Expected weight of 0 or more, found -1.0");
  }
}
