package io.millrace.models.compiled;

import static org.apache.spark.sql.functions.col;

import io.millrace.engine.testing.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Rows with vectors for models to learn from and to be asked about; the same each time. */
final class Samples {
  /** How many features there are; the third is one of {@link #CATEGORIES}. */
  static final int SIZE = 6;

  static final int CATEGORIES = 12;

  private static final double[] ODD = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    -0.0,
    1e308,
    -1e308,
    1e-320,
    -1.0,
    0.5,
    CATEGORIES,
    1e10
  };

  private static final StructType ROWS =
      new StructType()
          .add(Equality.ID, DataTypes.LongType)
          .add("label", DataTypes.DoubleType)
          .add("truth", DataTypes.DoubleType)
          .add("amount", DataTypes.DoubleType)
          .add("offset", DataTypes.DoubleType)
          .add("features", SQLDataTypes.VectorType())
          .add("counts", SQLDataTypes.VectorType())
          .add("flags", SQLDataTypes.VectorType());

  private final Random random;

  private Samples(long seed) {
    this.random = new Random(seed);
  }

  /** A pipeline of stages that are trained already. */
  static PipelineModel pipeline(PipelineStage... trained) {
    return new Pipeline().setStages(trained).fit(asked(1));
  }

  /**
   * Rows to learn from: {@code label} of three classes, {@code truth} of two, {@code amount} above
   * 0; vectors {@code features}, {@code counts} and {@code flags}.
   */
  static Dataset<Row> training() {
    Samples samples = new Samples(7);
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < 400; id++) {
      rows.add(
          samples.row(
              id,
              samples.offset(),
              samples.shaped(samples.features()),
              samples.shaped(samples.counts()),
              samples.shaped(samples.flags())));
    }
    Dataset<Row> all = Sessions.spark().createDataFrame(rows, ROWS).coalesce(1);
    return all.withColumn("features", col("features").as("features", attributes())).cache();
  }

  /** The same columns with values, sizes and nulls that no model has learned from. */
  static Dataset<Row> asked() {
    return asked(Equality.ROWS);
  }

  private static Dataset<Row> asked(int size) {
    Samples samples = new Samples(11);
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < size; id++) {
      rows.add(
          samples.row(
              id,
              samples.random.nextInt(50) == 0 ? null : samples.offset(),
              samples.spoilt(samples.features()),
              samples.spoilt(samples.counts()),
              samples.spoilt(samples.flags())));
    }
    return Sessions.spark().createDataFrame(rows, ROWS);
  }

  private static org.apache.spark.sql.types.Metadata attributes() {
    Attribute[] attributes = new Attribute[SIZE];
    Arrays.fill(attributes, NumericAttribute.defaultAttr());
    attributes[2] = NominalAttribute.defaultAttr().withNumValues(CATEGORIES);
    return new AttributeGroup("features", attributes).toMetadata();
  }

  private Row row(
      long id,
      @Nullable Double offset,
      @Nullable Vector features,
      @Nullable Vector counts,
      @Nullable Vector flags) {
    double score = score(features) + score(counts) + random.nextGaussian();
    double label = score < -1 ? 0 : score < 2 ? 1 : 2;
    return RowFactory.create(
        id, label, label > 0 ? 1.0 : 0.0, 0.1 + Math.abs(score), offset, features, counts, flags);
  }

  /** What the labels go by. */
  private static double score(@Nullable Vector vector) {
    if (vector == null || vector.size() < SIZE) {
      return 0;
    }
    double category = vector.apply(2) % 3 - 1;
    return vector.apply(0) - vector.apply(3) + 2 * category + vector.apply(5) * vector.apply(1);
  }

  private double[] features() {
    return new double[] {
      random.nextGaussian(),
      random.nextGaussian() / 3,
      random.nextInt(CATEGORIES),
      random.nextInt(2),
      random.nextInt(3) == 0 ? random.nextInt(4) : 0,
      random.nextInt(3) == 0 ? random.nextGaussian() : 0
    };
  }

  private double[] counts() {
    return numbers(() -> random.nextBoolean() ? random.nextInt(4) : 0);
  }

  private double[] flags() {
    return numbers(() -> random.nextInt(2));
  }

  private double[] numbers(DoubleSupplier next) {
    double[] numbers = new double[SIZE];
    Arrays.setAll(numbers, i -> next.getAsDouble());
    return numbers;
  }

  private double offset() {
    return random.nextGaussian();
  }

  /** As it is, or null, or with an odd value, or of another size. */
  private @Nullable Vector spoilt(double[] values) {
    return switch (random.nextInt(30)) {
      case 0 -> null;
      case 1 -> shaped(Arrays.copyOf(values, random.nextInt(SIZE)));
      case 2 -> shaped(Arrays.copyOf(values, SIZE + 1 + random.nextInt(3)));
      case 3, 4, 5, 6, 7 -> {
        values[random.nextInt(SIZE)] = ODD[random.nextInt(ODD.length)];
        yield shaped(values);
      }
      default -> shaped(values);
    };
  }

  /** Dense, sparse, or sparse with zeros in it. */
  private Vector shaped(double[] values) {
    return switch (random.nextInt(4)) {
      case 0 -> new DenseVector(values).toSparse();
      case 1 -> {
        int[] indices = new int[values.length];
        Arrays.setAll(indices, i -> i);
        yield new SparseVector(values.length, indices, values);
      }
      default -> new DenseVector(values);
    };
  }
}
