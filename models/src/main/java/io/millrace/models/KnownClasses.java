package io.millrace.models;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The classes that the files of a model may name. By default the stages of Spark ML, but for {@code
 * SQLTransformer}, whose statement can call any static method of Java.
 *
 * @param allowed names of other classes
 */
record KnownClasses(Set<String> allowed) {
  private static final Pattern STAGE =
      Pattern.compile(
          "org\\.apache\\.spark\\.ml\\."
              + "(?:(?:classification|clustering|evaluation|feature|fpm|recommendation|regression"
              + "|tuning)\\.[A-Za-z0-9]+|Pipeline|PipelineModel)");

  /** Parts of stages that still write as they did before Spark ML; Spark only compares them. */
  private static final Set<String> PARTS =
      Set.of(
          "org.apache.spark.mllib.clustering.BisectingKMeansModel",
          "org.apache.spark.mllib.clustering.DistributedLDAModel");

  private static final String STATEMENT = "org.apache.spark.ml.feature.SQLTransformer";

  private static final Set<String> COLUMN_TYPES =
      Set.of(
          "org.apache.spark.ml.linalg.VectorUDT",
          "org.apache.spark.ml.linalg.MatrixUDT",
          "org.apache.spark.mllib.linalg.VectorUDT",
          "org.apache.spark.mllib.linalg.MatrixUDT");

  KnownClasses {
    allowed = Set.copyOf(allowed);
  }

  /** Whether a stage may be of this class. */
  boolean stage(String name) {
    return (STAGE.matcher(name).matches() && !name.equals(STATEMENT))
        || PARTS.contains(name)
        || allowed.contains(name);
  }

  /** Whether a stage is the user's own. */
  boolean foreign(String name) {
    return allowed.contains(name) && !STAGE.matcher(name).matches();
  }

  /** Whether the type of a column may be of this class. */
  boolean columnType(String name) {
    return COLUMN_TYPES.contains(name) || allowed.contains(name);
  }
}
