package io.millrace.models.compiled;

import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.mllib.clustering.DistanceMeasure;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.sql.types.DataTypes;

/** The number of the nearest centre, by Spark's own search. */
record Clusters(org.apache.spark.mllib.clustering.KMeansModel centers, boolean cosine)
    implements Predictor {

  static RowStage of(KMeansModel model, Columns columns) throws Uncompiled {
    if (model.getPredictionCol().isEmpty()) {
      throw new Uncompiled("the column of its predictions has no name");
    }
    boolean cosine = model.parentModel().distanceMeasure().equals(DistanceMeasure.COSINE());
    return new Predicting(
        columns.vector(model.getFeaturesCol()),
        columns.addNumber(model.getPredictionCol(), DataTypes.IntegerType),
        new Clusters(model.parentModel(), cosine));
  }

  @Override
  public double of(Vector features) {
    org.apache.spark.mllib.linalg.Vector point = Vectors.fromML(features);
    if (cosine && !(Vectors.norm(point, 2.0) > 0)) {
      throw new RowFault("Cannot tell the direction of features that are all 0 or not numbers");
    }
    try {
      return centers.predict(point);
    } catch (IllegalArgumentException refused) {
      throw new RowFault(
          "Cannot tell how far features are from the centres: " + refused.getMessage());
    }
  }
}
