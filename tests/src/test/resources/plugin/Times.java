package com.example.plugin;

import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Transform;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Numbers times a factor. */
public record Times(Settings settings) implements Transform {
  public record Settings(@Doc("What numbers are multiplied by.") long factor)
      implements Serializable {
    public Settings {
      if (factor == 0) {
        throw new IllegalArgumentException("Expected a factor other than 0, found 0");
      }
    }
  }

  @Override
  public Dataset<Row> apply(Dataset<Row> rows) {
    return rows.withColumn("n", rows.col("n").multiply(settings.factor()));
  }

  @Override
  public Optional<StructType> schema(StructType rows) {
    return Optional.of(rows);
  }
}
