package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.clustering.BisectingKMeansModel;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.mllib.clustering.DistanceMeasure;
import org.apache.spark.sql.types.DataTypes;

/** The number of the cluster that features belong to, by Spark's own search. */
record Clusters(Search search, boolean cosine) implements Predictor {

  /** Finds a cluster. */
  @FunctionalInterface
  interface Search extends Serializable {
    int find(Vector features);
  }

  static RowStage of(KMeansModel model, Columns columns) throws Uncompiled {
    org.apache.spark.mllib.clustering.KMeansModel centers = model.parentModel();
    return stage(
        model.getFeaturesCol(),
        model.getPredictionCol(),
        columns,
        new Clusters(
            point -> centers.predict(org.apache.spark.mllib.linalg.Vectors.fromML(point)),
            centers.distanceMeasure().equals(DistanceMeasure.COSINE())));
  }

  static RowStage of(BisectingKMeansModel model, Columns columns) throws Uncompiled {
    return stage(
        model.getFeaturesCol(),
        model.getPredictionCol(),
        columns,
        new Clusters(model::predict, model.getDistanceMeasure().equals(DistanceMeasure.COSINE())));
  }

  private static RowStage stage(
      String features, String prediction, Columns columns, Clusters clusters) throws Uncompiled {
    return new Predicting(
        columns.vector(features),
        columns.addNumber(Outputs.needed(prediction), DataTypes.IntegerType),
        clusters);
  }

  @Override
  public double of(Vector features) {
    if (cosine && !(Vectors.norm(features, 2.0) > 0)) {
      throw new RowFault("Cannot tell the direction of features that are all 0 or not numbers");
    }
    try {
      return search.find(features);
    } catch (IllegalArgumentException refused) {
      throw new RowFault(
          "Cannot tell how far features are from the centres: " + refused.getMessage());
    }
  }
}
