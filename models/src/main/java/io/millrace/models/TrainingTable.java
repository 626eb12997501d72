package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.percentile_approx;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.storage.StorageLevel;

/**
 * The columns that a training needs, each row marked as held out or not. It is kept in memory and
 * on disk until closed.
 *
 * @param inputs the columns that the model needs
 * @param split how rows were held out, and how parts of the others are
 */
record TrainingTable(Dataset<Row> rows, List<Manifest.Field> inputs, Split split)
    implements AutoCloseable {
  private static final String HELD_OUT = "_held_out";
  private static final String ORDER = "_order";
  private static final int PARTS = 1_000_000;

  /**
   * The table of these rows.
   *
   * @throws IllegalArgumentException with a sentence, if a column is not there or not usable
   */
  static TrainingTable of(Dataset<Row> rows, Recipe recipe, Split split, long seed) {
    StructType schema = rows.schema();
    check(schema, recipe, split);
    List<Column> selected = new ArrayList<>();
    recipe.inputs().forEach(name -> selected.add(rows.col(Words.quoted(name)).as(name)));
    recipe
        .label()
        .ifPresent(
            name ->
                selected.add(
                    rows.col(Words.quoted(name)).cast(DataTypes.DoubleType).as(Recipe.LABEL)));
    selected.add(heldOut(rows, split, seed).as(HELD_OUT));
    selected.add(order(rows, split, seed).as(ORDER));
    Dataset<Row> table =
        rows.select(selected.toArray(Column[]::new)).persist(StorageLevel.MEMORY_AND_DISK());
    return new TrainingTable(table, Schemas.fields(table.schema(), recipe.inputs()), split);
  }

  /**
   * Parts of the rows that are not held out. By time, each part is measured on by what was learned
   * from all that came before it; else parts are drawn, and each is left out once.
   */
  List<Fold> folds(Validate settings) {
    return split.time().isPresent()
        ? laterFolds(settings)
        : settings.folds().map(this::drawnFolds).orElseGet(() -> drawnShare(settings));
  }

  private List<Fold> laterFolds(Validate settings) {
    List<Double> shares = new ArrayList<>();
    settings
        .folds()
        .ifPresent(n -> IntStream.rangeClosed(1, n).forEach(i -> shares.add(i / (n + 1.0))));
    settings.share().ifPresent(share -> shares.add(1 - Shares.of(share, Validate.EXAMPLE)));
    Column[] quantiles =
        shares.stream()
            .map(share -> percentile_approx(col(ORDER), lit(share), lit(PARTS)))
            .toArray(Column[]::new);
    Row cuts = training().select(quantiles).head();
    if (cuts.anyNull()) {
      throw new IllegalArgumentException("Needs rows to learn from, found none");
    }
    List<Fold> folds = new ArrayList<>();
    for (int i = 0; i < cuts.size(); i++) {
      Column after = col(ORDER).gt(lit(cuts.get(i)));
      Column within = i + 1 < cuts.size() ? after.and(col(ORDER).leq(lit(cuts.get(i + 1)))) : after;
      folds.add(
          new Fold(training().filter(col(ORDER).leq(lit(cuts.get(i)))), training().filter(within)));
    }
    return folds;
  }

  private List<Fold> drawnFolds(int number) {
    Column part = pmod(col(ORDER), lit((long) number));
    return IntStream.range(0, number).mapToObj(i -> fold(part.equalTo(lit((long) i)))).toList();
  }

  private List<Fold> drawnShare(Validate settings) {
    double share = Shares.of(settings.share().orElseThrow(), Validate.EXAMPLE);
    return List.of(fold(col(ORDER).lt(lit((long) (share * PARTS)))));
  }

  private Fold fold(Column check) {
    return new Fold(training().filter(not(check)), training().filter(check));
  }

  Dataset<Row> training() {
    return rows.filter(col(HELD_OUT).equalTo(false));
  }

  Dataset<Row> heldOut() {
    return rows.filter(col(HELD_OUT));
  }

  /** The version of Spark at work. */
  String spark() {
    return rows.sparkSession().version();
  }

  @Override
  public void close() {
    rows.unpersist();
  }

  private static Column heldOut(Dataset<Row> rows, Split split, long seed) {
    return split
        .time()
        .map(time -> late(rows, time, split.share()))
        .orElseGet(() -> drawn(rows, split.share(), split.seed().orElse(seed)));
  }

  /** By what parts of the rows that are not held out are told apart. */
  private static Column order(Dataset<Row> rows, Split split, long seed) {
    return split
        .time()
        .map(time -> rows.col(Words.quoted(time)))
        .orElseGet(() -> pmod(hash(rows, split.seed().orElse(seed) + 1), lit((long) PARTS)));
  }

  /** The latest rows: training never sees what happened after the first of them. */
  private static Column late(Dataset<Row> rows, String time, double share) {
    Column column = rows.col(Words.quoted(time));
    Row found =
        rows.select(
                count(lit(1)).as("all"),
                count(column).as("timed"),
                percentile_approx(column, lit(1 - share), lit(PARTS)).as("cut"))
            .head();
    long untimed = found.getLong(0) - found.getLong(1);
    if (untimed > 0) {
      throw new IllegalArgumentException(
          "Cannot split by "
              + time
              + ": it is null in "
              + untimed
              + " rows. Filter them in a step");
    }
    if (found.isNullAt(2)) {
      throw new IllegalArgumentException("Needs rows to learn from, found none");
    }
    return column.gt(lit(found.get(2)));
  }

  /**
   * By a hash of the whole row: the same whatever the order of the rows; equal rows stay together.
   */
  private static Column drawn(Dataset<Row> rows, double share, long seed) {
    return pmod(hash(rows, seed), lit((long) PARTS)).lt(lit((long) (share * PARTS)));
  }

  /** A number that looks drawn at random, and depends on nothing but a row's values. */
  static Column hash(Dataset<Row> rows, long seed) {
    List<Column> hashed = new ArrayList<>(List.of(lit(seed)));
    for (StructField field : rows.schema().fields()) {
      if (hashable(field.dataType())) {
        hashed.add(rows.col(Words.quoted(field.name())));
      }
    }
    return xxhash64(hashed.toArray(Column[]::new));
  }

  private static boolean hashable(DataType type) {
    return !type.existsRecursively(part -> part instanceof MapType || part instanceof VariantType);
  }

  private static void check(StructType schema, Recipe recipe, Split split) {
    List<String> needed = new ArrayList<>(recipe.inputs());
    recipe.label().ifPresent(needed::add);
    split.time().ifPresent(needed::add);
    List<String> missing =
        needed.stream().filter(name -> Schemas.find(schema, name).isEmpty()).distinct().toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot find "
              + String.join(", ", missing)
              + " in the rows to learn from, which have "
              + String.join(", ", schema.fieldNames()));
    }
    recipe.label().ifPresent(name -> checkLabel(name, type(schema, name)));
    split.time().ifPresent(name -> checkTime(name, type(schema, name)));
    Set<String> transformed = recipe.transformed();
    for (String name : recipe.inputs()) {
      checkInput(name, type(schema, name), transformed.contains(name));
    }
  }

  private static void checkInput(String name, DataType type, boolean transformed) {
    boolean number = type instanceof NumericType || type instanceof BooleanType;
    if (!number && !transformed) {
      throw new IllegalArgumentException(
          "Cannot learn from "
              + name
              + ", which is "
              + type.simpleString()
              + ". Needs a number or a boolean"
              + (type instanceof StringType
                  ? "; a string-indexer turns it into one"
                  : "; make one of it in a step"));
    }
  }

  private static void checkLabel(String name, DataType type) {
    if (!(type instanceof NumericType || type instanceof BooleanType)) {
      throw new IllegalArgumentException(
          "Cannot learn the label "
              + name
              + ", which is "
              + type.simpleString()
              + ". Needs a number or a boolean; number its values in a step");
    }
  }

  private static void checkTime(String name, DataType type) {
    boolean ordered =
        Arrays.asList(TimestampType.class, TimestampNTZType.class, DateType.class).stream()
                .anyMatch(ok -> ok.isInstance(type))
            || type instanceof NumericType;
    if (!ordered) {
      throw new IllegalArgumentException(
          "Cannot split by "
              + name
              + ", which is "
              + type.simpleString()
              + ". Needs a timestamp, a date or a number");
    }
  }

  private static DataType type(StructType schema, String name) {
    Optional<StructField> field = Schemas.find(schema, name);
    return field.orElseThrow().dataType();
  }
}
