package io.millrace.models.compiled;

import io.millrace.engine.testing.Sessions;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Random rows with a column for each kind of feature, the same in each run. Clean rows are what
 * models are fitted on; in others each value may be missing or odd in the ways of its type.
 */
final class FeatureRows {
  private static final int CLEAN = 200;
  private static final List<String> CITIES = List.of("Ulm", "Köln", "Bonn", "Kiel", "7");
  private static final List<String> WORDS =
      List.of("the", "Red", "fox", "of", "ÄGÄIS", "jumps", "I", "42", "a");
  private static final double[] ODD = {
    Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 0.0, 1e300, -1e-300
  };

  private static final StructType SCHEMA =
      new StructType()
          .add(Equality.ID, DataTypes.LongType)
          .add("city", DataTypes.StringType)
          .add("age", DataTypes.DoubleType)
          .add("amount", DataTypes.FloatType)
          .add("visits", DataTypes.IntegerType)
          .add("total", DataTypes.LongType)
          .add("rank", DataTypes.ShortType)
          .add("price", DataTypes.createDecimalType(12, 2))
          .add("member", DataTypes.BooleanType)
          .add("dense", SQLDataTypes.VectorType())
          .add("sparse", SQLDataTypes.VectorType())
          .add("text", DataTypes.StringType)
          .add("words", DataTypes.createArrayType(DataTypes.StringType));

  private final Random random;

  /** How many in a hundred values are odd. */
  private final int odd;

  private FeatureRows(long seed, int odd) {
    this.random = new Random(seed);
    this.odd = odd;
  }

  /** A few rows without anything odd. */
  static Dataset<Row> clean() {
    return frame(new FeatureRows(1, 0), CLEAN);
  }

  /** As many as a check is over. */
  static Dataset<Row> dirty() {
    return frame(new FeatureRows(2, 8), Equality.ROWS);
  }

  /** A pipeline that knows clean rows only. */
  static PipelineModel fitted(PipelineStage... stages) {
    return new Pipeline().setStages(stages).fit(clean());
  }

  private static Dataset<Row> frame(FeatureRows samples, int count) {
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < count; id++) {
      rows.add(samples.row(id));
    }
    return Sessions.spark().createDataFrame(rows, SCHEMA);
  }

  private Row row(long id) {
    return RowFactory.create(
        id,
        or(() -> isOdd(2) ? null : "Atlantis", CITIES.get(random.nextInt(CITIES.size()))),
        number(random.nextGaussian() * 10),
        or(
            () -> odd() == null ? null : (float) ODD[random.nextInt(ODD.length)],
            random.nextInt(9) / 4f),
        or(() -> random.nextBoolean() ? null : -7, random.nextInt(6)),
        or(() -> random.nextBoolean() ? null : random.nextLong(), (long) random.nextInt(100)),
        or(() -> null, (short) random.nextInt(100)),
        or(() -> null, BigDecimal.valueOf(random.nextInt(100_000), 2)),
        or(() -> null, random.nextBoolean()),
        or(this::oddDense, Vectors.dense(values(4, 4))),
        or(this::oddSparse, sparse(20)),
        or(() -> random.nextBoolean() ? null : " ", text()),
        or(this::oddWords, words()));
  }

  private boolean isOdd(int one) {
    return random.nextInt(one) == 0;
  }

  private <T> @Nullable T or(Supplier<@Nullable T> odd, T usual) {
    return random.nextInt(100) < this.odd ? odd.get() : usual;
  }

  private @Nullable Double odd() {
    return random.nextInt(3) == 0 ? null : Double.valueOf(ODD[random.nextInt(ODD.length)]);
  }

  private @Nullable Double number(double usual) {
    return or(this::odd, usual);
  }

  /** Values of which some are zero, and few others repeat. */
  private double[] values(int size, int zeros) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          random.nextInt(zeros) == 0 ? 0 : i == 0 ? random.nextInt(3) : random.nextGaussian();
    }
    return values;
  }

  private @Nullable Vector oddDense() {
    double[] values = values(random.nextInt(6) == 0 ? random.nextInt(7) : 4, 2);
    if (values.length > 0) {
      values[random.nextInt(values.length)] = ODD[random.nextInt(ODD.length)];
    }
    return isOdd(4) ? null : isOdd(2) ? Vectors.dense(values) : Vectors.dense(values).toSparse();
  }

  private Vector sparse(int size) {
    return Vectors.dense(values(size, 2)).toSparse();
  }

  /** Among others with zeros that it stores. */
  private @Nullable Vector oddSparse() {
    int size = isOdd(3) ? 18 + random.nextInt(6) : 20;
    int[] indices = {2, 5, 17};
    double[] values = {0, ODD[random.nextInt(ODD.length)], random.nextInt(3)};
    return isOdd(4)
        ? null
        : isOdd(2) ? Vectors.sparse(size, indices, values) : Vectors.dense(values(size, 3));
  }

  private String word() {
    return WORDS.get(random.nextInt(WORDS.size()));
  }

  private String text() {
    String[] words = new String[1 + random.nextInt(6)];
    Arrays.setAll(words, i -> word());
    return String.join(isOdd(3) ? "  " : "\t", words);
  }

  private List<String> words() {
    return List.of(word(), word(), word(), word()).subList(0, 1 + random.nextInt(4));
  }

  private @Nullable List<@Nullable String> oddWords() {
    return isOdd(3) ? null : isOdd(2) ? List.of() : Arrays.asList(word(), null, word(), "Zebra");
  }
}
