package io.millrace.models.online;

import java.io.Serializable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.mllib.regression.LabeledPoint;

/**
 * How far off a model was of rows that it had not learned from, added up.
 *
 * @param loss squared errors, log losses, or squared distances from the nearest center
 * @param other absolute errors, or rows whose class was told; 0 of clusters
 */
public record Errors(long rows, double loss, double other) implements Serializable {
  /** Of no rows. */
  public static final Errors NONE = new Errors(0, 0, 0);

  /** Of points, each of which is off by itself. */
  static Errors of(JavaRDD<LabeledPoint> points, Function<LabeledPoint, Errors> each) {
    return points.aggregate(NONE, (sum, point) -> sum.plus(each.call(point)), Errors::plus);
  }

  /** Of these rows and others. */
  public Errors plus(Errors more) {
    return new Errors(rows + more.rows, loss + more.loss, other + more.other);
  }

  double meanLoss() {
    return loss / rows;
  }

  double meanOther() {
    return other / rows;
  }
}
