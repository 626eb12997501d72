package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.millrace.models.compiled.Finite;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;

/**
 * Keeps rows apart that a model cannot score: those with a feature that is null, NaN or infinite.
 * Some models throw on them, others answer nonsense.
 */
final class Completeness {
  /** Whether all features of a row are finite numbers. */
  static final String COMPLETE = "_complete";

  private Completeness() {}

  /** Whether every number of a vector is finite. */
  static Column complete(Column vector) {
    return udf((UDF1<Vector, Boolean>) Finite::all, DataTypes.BooleanType).apply(vector);
  }

  /** Adds {@link #COMPLETE} and puts zeros in place of a vector that is not. */
  static Dataset<Row> guard(Dataset<Row> rows, String vector) {
    Metadata attributes = rows.schema().apply(vector).metadata();
    Column zeros =
        udf((UDF1<Vector, Vector>) Completeness::zeros, SQLDataTypes.VectorType())
            .apply(col(vector));
    return rows.withColumn(COMPLETE, complete(col(vector)))
        .withColumn(vector, when(col(COMPLETE), col(vector)).otherwise(zeros))
        .withMetadata(vector, attributes);
  }

  private static Vector zeros(Vector vector) {
    return Vectors.sparse(vector.size(), new int[0], new double[0]);
  }
}
