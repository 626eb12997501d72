package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import io.millrace.models.report.Plot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How the values of one column lie now, and how they lay where a model learned. Values at or below
 * the lowest percentile of the training are not told apart, nor are those above the highest.
 *
 * @param column a feature, or a score of the model: {@code prediction}, {@code probability[1]}
 * @param rows that were looked at, those without a value among them
 * @param psi population stability index, the sum of {@code (p - q) ln(p / q)} over the {@link
 *     #shares}, in which a group without rows counts as half a row; 0 where there are no values. By
 *     custom less than 0.1 is no change, and more than 0.25 a great one
 * @param ks Kolmogorov-Smirnov distance: how far the two distribution functions are apart at most,
 *     at the percentiles of the training; empty for categories
 * @param nulls share of rows without a value, NaN among them, less that of the training
 * @param unseen share of values, of those that are no null, that the training did not have; where
 *     it had more than 100, the share of those beyond the 100 most frequent ones, less that of the
 *     training, at least 0. Empty for numbers
 * @param shares of the values that lie in each group: tenths of the training for numbers, the 20
 *     most frequent categories and the others
 */
public record Drift(
    String column,
    long rows,
    double psi,
    OptionalDouble ks,
    double nulls,
    OptionalDouble unseen,
    List<Share> shares) {

  /**
   * A group of values.
   *
   * @param values such as {@code 3.5 to 7}, above the first and up to the second
   * @param learned its share of the training's values
   * @param now its share of the values that were looked at
   */
  public record Share(String values, double learned, double now) {}

  public Drift {
    shares = List.copyOf(shares);
  }

  /**
   * Compares rows with those that a version of a model learned from.
   *
   * @param rows with the columns that the model reads, as many of them as are to be compared; and
   *     with {@code prediction} or {@code probability} if its scores are
   * @return one for each column that the rows and the profile have in common
   * @throws IllegalArgumentException with a sentence, if the version has no profile
   */
  public static List<Drift> of(StoredModel model, Dataset<Row> rows) {
    return of(model.profile().orElseThrow(() -> Profile.missing(model)), rows);
  }

  /** The same for a profile. */
  public static List<Drift> of(Profile profile, Dataset<Row> rows) {
    List<Bins> found = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (Bins bins : Bins.of(profile)) {
      column(bins, rows.schema())
          .ifPresent(
              column -> {
                found.add(bins);
                columns.add(column);
              });
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs rows with a column of the profile: "
              + String.join(", ", Bins.of(profile).stream().map(Bins::column).toList())
              + ". The rows have "
              + String.join(", ", rows.columns()));
    }
    return Watched.count(found, rows.select(columns.toArray(Column[]::new)));
  }

  /** A column as the profile counted it: numbers as doubles, categories as text. */
  private static Optional<Column> column(Bins bins, StructType schema) {
    DataType wanted = bins instanceof NumberBins ? DataTypes.DoubleType : DataTypes.StringType;
    Optional<Column> plain =
        Schemas.find(schema, bins.column()).map(field -> col(Words.quoted(field.name())));
    return plain.or(() -> place(bins.column(), schema)).map(column -> column.cast(wanted));
  }

  /** A place of a vector, such as {@code probability[1]}. */
  private static Optional<Column> place(String column, StructType schema) {
    int open = column.lastIndexOf('[');
    if (open < 0 || !column.endsWith("]")) {
      return Optional.empty();
    }
    Optional<StructField> field = Schemas.find(schema, column.substring(0, open));
    int place = Integer.parseInt(column.substring(open + 1, column.length() - 1));
    return field
        .filter(found -> found.dataType() instanceof VectorUDT)
        .map(found -> functions.vector_to_array(col(Words.quoted(found.name())), "float64"))
        .map(array -> array.getItem(place));
  }

  /**
   * What counts say of a column.
   *
   * @param counts rows without a value, then rows of each bin
   */
  static Drift measured(Bins bins, long[] counts) {
    long[] learned = bins.learned().stream().mapToLong(Long::longValue).toArray();
    long[] now = Arrays.copyOfRange(counts, 1, counts.length);
    long rows = Arrays.stream(counts).sum();
    boolean numbers = bins instanceof NumberBins;
    return new Drift(
        bins.column(),
        rows,
        Distances.stability(
            Distances.grouped(learned, bins.ends()), Distances.grouped(now, bins.ends())),
        numbers ? OptionalDouble.of(Distances.apart(learned, now)) : OptionalDouble.empty(),
        Distances.share(counts[0], rows) - nulls(bins),
        numbers ? OptionalDouble.empty() : OptionalDouble.of(unseen(bins, learned, now)),
        shares(bins, learned, now));
  }

  private static double nulls(Bins bins) {
    long values = bins.learned().stream().mapToLong(Long::longValue).sum();
    return Distances.share(bins.learnedNulls(), bins.learnedNulls() + values);
  }

  private static double unseen(Bins bins, long[] learned, long[] now) {
    double before = Distances.share(learned[bins.others()], Arrays.stream(learned).sum());
    return Math.max(0, Distances.share(now[bins.others()], Arrays.stream(now).sum()) - before);
  }

  private static List<Share> shares(Bins bins, long[] learned, long[] now) {
    long[] then = Distances.grouped(learned, bins.ends());
    long[] today = Distances.grouped(now, bins.ends());
    long all = Arrays.stream(learned).sum();
    long rows = Arrays.stream(now).sum();
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < then.length; i++) {
      shares.add(
          new Share(
              bins.values(i), Distances.share(then[i], all), Distances.share(today[i], rows)));
    }
    return shares;
  }

  /** The group whose share has grown most. */
  public Share grown() {
    return shares.stream()
        .max(Comparator.comparingDouble(share -> share.now() - share.learned()))
        .orElseThrow();
  }

  /** The shares of the training beside those of now. */
  public Plot plot() {
    return new Plot.Pairs(
        "drift-" + column,
        "Drift of " + column,
        "in training",
        "now",
        shares.stream()
            .map(share -> new Plot.Pair(share.values(), share.learned(), share.now()))
            .toList());
  }
}
