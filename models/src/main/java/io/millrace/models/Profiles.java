package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.percentile_approx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;

/** Takes the profile of a training: two passes over the numbers, one per column of categories. */
final class Profiles {
  private static final int ACCURACY = 1_000;
  private static final Column PERCENTS =
      org.apache.spark.sql.functions.array(
          IntStream.rangeClosed(1, 99).mapToObj(i -> lit(i / 100.0)).toArray(Column[]::new));

  private Profiles() {}

  /**
   * The profile of rows to learn from and of the scores of rows that were held out.
   *
   * @param scored the rows that were held out, with what the model says
   */
  static Profile of(
      List<Manifest.Field> inputs,
      List<Manifest.Field> outputs,
      Dataset<Row> training,
      Dataset<Row> scored) {
    Map<String, Column> numbers = new LinkedHashMap<>();
    List<Profile.Categories> categories = new ArrayList<>();
    for (Manifest.Field input : inputs) {
      DataType type = training.schema().apply(input.name()).dataType();
      if (type instanceof NumericType) {
        numbers.put(input.name(), col(Words.quoted(input.name())));
      } else if (type instanceof StringType || type instanceof BooleanType) {
        categories.add(categories(input.name(), training));
      }
    }
    return new Profile(
        Profile.FORMAT, numbers(numbers, training), categories, numbers(score(outputs), scored));
  }

  /** The last probability where the model gives any, else the prediction. */
  private static Map<String, Column> score(List<Manifest.Field> outputs) {
    for (Manifest.Field output : outputs) {
      if (output.name().equals("probability") && output.size() > 0) {
        int last = output.size() - 1;
        return Map.of(
            "probability[" + last + "]",
            functions.vector_to_array(col("probability"), "float64").getItem(last));
      }
    }
    return Map.of("prediction", col("prediction"));
  }

  private static List<Profile.Numbers> numbers(Map<String, Column> columns, Dataset<Row> rows) {
    if (columns.isEmpty()) {
      return List.of();
    }
    List<String> names = List.copyOf(columns.keySet());
    Dataset<Row> values =
        rows.select(
                columns.values().stream()
                    .map(column -> column.cast(DataTypes.DoubleType))
                    .map(column -> org.apache.spark.sql.functions.nanvl(column, lit(null)))
                    .toArray(Column[]::new))
            .toDF(IntStream.range(0, names.size()).mapToObj(i -> "c" + i).toArray(String[]::new));
    double[][] edges = edges(values);
    Tally tally =
        values
            .javaRDD()
            .aggregate(Tally.of(edges), (Function2<Tally, Row, Tally>) Tally::add, Tally::merge);
    return IntStream.range(0, names.size()).mapToObj(i -> tally.numbers(i, names.get(i))).toList();
  }

  private static double[][] edges(Dataset<Row> values) {
    Column[] quantiles =
        Arrays.stream(values.columns())
            .map(name -> percentile_approx(col(name), PERCENTS, lit(ACCURACY)))
            .toArray(Column[]::new);
    Row found = values.select(quantiles).head();
    return IntStream.range(0, found.size())
        .mapToObj(
            i ->
                found.isNullAt(i)
                    ? new double[0]
                    : found.<Double>getList(i).stream()
                        .mapToDouble(Double::doubleValue)
                        .distinct()
                        .toArray())
        .toArray(double[][]::new);
  }

  private static Profile.Categories categories(String name, Dataset<Row> rows) {
    Column column = col(Words.quoted(name));
    Row found = rows.select(count(lit(1)), count(column)).head();
    long known = found.getLong(1);
    Map<String, Long> counts = new LinkedHashMap<>();
    rows.filter(column.isNotNull())
        .groupBy(column.cast(DataTypes.StringType).as("value"))
        .agg(count(lit(1)).as("rows"))
        .orderBy(col("rows").desc(), col("value"))
        .limit(Profile.MOST_CATEGORIES)
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    long counted = counts.values().stream().mapToLong(Long::longValue).sum();
    return new Profile.Categories(name, found.getLong(0) - known, counts, known - counted);
  }
}
