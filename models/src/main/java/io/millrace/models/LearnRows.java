package io.millrace.models;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.regression.LabeledPoint;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The columns of a batch that a sink learns from, kept in memory and on disk until closed.
 *
 * @param rows the features, the label, and whether a row can be learned from
 * @param inputs the features
 * @param all rows as points; one that cannot be learned from is without a label
 */
record LearnRows(Dataset<Row> rows, List<Manifest.Field> inputs, JavaRDD<LabeledPoint> all)
    implements AutoCloseable {
  private static final String FITS = "_fits";
  private static final LabeledPoint UNFIT = new LabeledPoint(Double.NaN, Vectors.dense(0));

  /**
   * Looks whether rows have what a sink learns from.
   *
   * @throws IllegalArgumentException with a sentence that tells all that they lack
   */
  static void check(LearnSink.Settings settings, StructType rows) {
    List<String> wrong = new ArrayList<>();
    for (String name : settings.features()) {
      if (name.startsWith("_") || name.contains(".") || Recipe.RESULTS.contains(name)) {
        wrong.add(name + " is a name that a model cannot read");
      }
    }
    Stream.concat(settings.features().stream(), settings.label().stream())
        .forEach(name -> wrong(name, rows).ifPresent(wrong::add));
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot learn from these rows: "
              + String.join("; ", wrong)
              + ". Add and cast columns in a step before");
    }
  }

  private static Optional<String> wrong(String name, StructType rows) {
    Optional<StructField> found = Schemas.find(rows, name);
    if (found.isEmpty()) {
      return Optional.of(name + " is missing");
    }
    DataType type = found.get().dataType();
    return type instanceof NumericType || type instanceof BooleanType
        ? Optional.empty()
        : Optional.of(name + " is " + type.simpleString() + ", no number or boolean");
  }

  static LearnRows of(LearnSink.Settings settings, Dataset<Row> batch) {
    check(settings, batch.schema());
    List<Column> columns = new ArrayList<>();
    Column fits = lit(true);
    for (String name : settings.features()) {
      columns.add(Words.column(name).as(name));
      fits = fits.and(finite(Words.column(name)));
    }
    Column label = settings.label().map(Words::column).orElse(lit(0)).cast(DataTypes.DoubleType);
    fits = fits.and(settings.algorithm().binary() ? label.isin(0.0, 1.0) : finite(label));
    columns.add(label.as(Recipe.LABEL));
    columns.add(coalesce(fits, lit(false)).as(FITS));
    Dataset<Row> rows =
        batch.select(columns.toArray(Column[]::new)).persist(StorageLevel.MEMORY_AND_DISK());
    return new LearnRows(rows, Schemas.fields(rows.schema(), settings.features()), points(rows));
  }

  /** NaN is greater than all other numbers. */
  private static Column finite(Column number) {
    return number.cast(DataTypes.DoubleType).between(-Double.MAX_VALUE, Double.MAX_VALUE);
  }

  private static JavaRDD<LabeledPoint> points(Dataset<Row> rows) {
    String[] names = rows.columns();
    int width = names.length - 2;
    Column[] numbers =
        Arrays.stream(names)
            .map(
                name ->
                    name.equals(FITS) ? col(FITS) : Words.column(name).cast(DataTypes.DoubleType))
            .toArray(Column[]::new);
    return rows.select(numbers).javaRDD().map(row -> point(row, width));
  }

  private static LabeledPoint point(Row row, int width) {
    if (!row.getBoolean(width + 1)) {
      return UNFIT;
    }
    double[] features = new double[width];
    for (int i = 0; i < width; i++) {
      features[i] = row.getDouble(i);
    }
    return new LabeledPoint(row.getDouble(width), Vectors.dense(features));
  }

  /** Those that can be learned from. */
  JavaRDD<LabeledPoint> points() {
    return all.filter(point -> !Double.isNaN(point.label()));
  }

  /** The rows that can be learned from, as they came. */
  Dataset<Row> fit() {
    return rows.filter(col(FITS));
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
