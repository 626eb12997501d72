package io.millrace.models.online;

import io.millrace.engine.spi.Doc;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.mllib.clustering.StreamingKMeans;
import org.apache.spark.mllib.clustering.StreamingKMeansModel;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.regression.LabeledPoint;

/** Streaming k-means, as spark-mllib has it. */
@Doc("Clusters around means that move with each batch")
public record KMeans(
    @Doc("Number of clusters") int clusters,
    @Doc(
            "What the rows so far count with each batch, as a share: 1 is as much as the new ones,"
                + " 0 nothing; 1 if neither this nor half-life is there")
        Optional<Double> decay,
    @Doc("In place of decay: when rows count half, such as 20 batches or 10000 points")
        Optional<String> halfLife,
    @Doc(
            "For how many points each center stands at the start; 0 if left out, or of a stored"
                + " model an equal share of the rows that it learned from")
        Optional<Double> weight)
    implements Algorithm {
  private static final String BATCHES = "batches";
  private static final Pattern HALF_LIFE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s+(batches|points)");

  public KMeans {
    new Checks()
        .that(clusters >= 2, "Expected clusters of 2 or more, found " + clusters)
        .that(
            decay.isEmpty() || halfLife.isEmpty(),
            "Cannot take both decay and half-life. Use one of them")
        .that(
            decay.stream().allMatch(share -> share >= 0 && share <= 1),
            "Expected decay of 0 to 1, found " + decay.orElse(1.0))
        .that(
            halfLife.stream().allMatch(KMeans::lasts),
            "Expected half-life such as 20 batches or 10000 points, found " + halfLife.orElse(""))
        .that(
            weight.stream().allMatch(points -> points >= 0),
            "Expected weight of 0 or more, found " + weight.orElse(0.0))
        .done();
  }

  private static boolean lasts(String text) {
    Matcher matcher = HALF_LIFE.matcher(text.strip());
    return matcher.matches() && Double.parseDouble(matcher.group(1)) > 0;
  }

  @Override
  public boolean labelled() {
    return false;
  }

  @Override
  public boolean binary() {
    return false;
  }

  @Override
  public State start(int features, long seed) {
    StreamingKMeansModel random =
        new StreamingKMeans(clusters, 1, BATCHES)
            .setRandomCenters(features, weight.orElse(0.0), seed)
            .latestModel();
    return state(random);
  }

  @Override
  public State from(Transformer learned, long rows) {
    if (learned instanceof KMeansModel model) {
      List<List<Double>> centers =
          Stream.of(model.clusterCenters()).map(center -> State.list(center.toArray())).toList();
      if (centers.size() != clusters) {
        throw new IllegalArgumentException("it has " + centers.size() + " clusters");
      }
      double each = weight.orElse((double) rows / clusters);
      return new State(centers, Collections.nCopies(clusters, each));
    }
    throw new IllegalArgumentException("it is a " + learned.getClass().getSimpleName());
  }

  /** Spark's update adds up points in place, so it gets copies. */
  @Override
  public State learn(JavaRDD<LabeledPoint> points, State before) {
    StreamingKMeans fading = fading();
    JavaRDD<Vector> vectors = points.map(point -> point.features().copy());
    return state(model(before).update(vectors.rdd(), fading.decayFactor(), fading.timeUnit()));
  }

  private StreamingKMeans fading() {
    StreamingKMeans fading = new StreamingKMeans(clusters, decay.orElse(1.0), BATCHES);
    Matcher matcher = HALF_LIFE.matcher(halfLife.orElse("").strip());
    return matcher.matches()
        ? fading.setHalfLife(Double.parseDouble(matcher.group(1)), matcher.group(2))
        : fading;
  }

  @Override
  public Errors errors(JavaRDD<LabeledPoint> points, State state) {
    StreamingKMeansModel model = model(state);
    return Errors.of(points, point -> error(model, point));
  }

  private static Errors error(StreamingKMeansModel model, LabeledPoint point) {
    Vector nearest = model.clusterCenters()[model.predict(point.features())];
    return new Errors(1, Vectors.sqdist(nearest, point.features()), 0);
  }

  @Override
  public Map<String, Double> figures(Errors errors) {
    return Map.of("mean_squared_distance", errors.meanLoss());
  }

  @Override
  public Transformer model(State state, String features) {
    KMeansModel model =
        new KMeansModel(
            "k_means", new org.apache.spark.mllib.clustering.KMeansModel(centers(state)));
    return (KMeansModel) model.setFeaturesCol(features).set(model.k(), clusters);
  }

  private static StreamingKMeansModel model(State state) {
    return new StreamingKMeansModel(centers(state), State.doubles(state.counts()));
  }

  private static Vector[] centers(State state) {
    return state.vectors().stream()
        .map(center -> Vectors.dense(State.doubles(center)))
        .toArray(Vector[]::new);
  }

  private static State state(StreamingKMeansModel model) {
    return new State(
        Arrays.stream(model.clusterCenters()).map(center -> State.list(center.toArray())).toList(),
        State.list(model.clusterWeights()));
  }
}
