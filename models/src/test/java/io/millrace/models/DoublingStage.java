package io.millrace.models;

import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** A stage of a user's own: doubles the dwell time. */
public final class DoublingStage extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1;

  private final String uid;

  public DoublingStage(String uid) {
    this.uid = uid;
  }

  public static MLReader<DoublingStage> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    return rows.withColumn("doubled", functions.col("dwell_ms").multiply(2));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return schema.add("doubled", "bigint");
  }

  @Override
  public Transformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
