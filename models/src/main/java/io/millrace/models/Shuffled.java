package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import io.millrace.models.report.Point;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;

/** What a model says of rows in which one column at a time is shuffled. */
final class Shuffled {
  /** The rows that are taken. */
  static final int SAMPLE = 1_000;

  private static final String COLUMN = "_shuffled";

  private Shuffled() {}

  /**
   * Labels (x) and predictions (y) by the column that was shuffled, empty for none. All are scored
   * at once.
   */
  static Map<String, List<Point>> scored(
      Recipe recipe, List<String> columns, PipelineModel model, Dataset<Row> rows, long seed) {
    List<String> names = new ArrayList<>(recipe.inputs());
    names.add(Recipe.LABEL);
    Dataset<Row> needed =
        rows.select(names.stream().map(name -> col(Words.quoted(name))).toArray(Column[]::new));
    List<Row> sample =
        needed.orderBy(TrainingTable.hash(needed, seed)).limit(SAMPLE).collectAsList();
    List<Row> all = new ArrayList<>();
    sample.forEach(row -> all.add(row(row, "", -1, "")));
    columns.forEach(column -> all.addAll(shuffled(sample, column, names.indexOf(column), seed)));
    Dataset<Row> frame =
        rows.sparkSession().createDataFrame(all, needed.schema().add(COLUMN, DataTypes.StringType));
    Map<String, List<Point>> told = new HashMap<>();
    for (Row row :
        model
            .transform(frame)
            .select(col(COLUMN), col(Recipe.LABEL), col("prediction").cast(DataTypes.DoubleType))
            .collectAsList()) {
      told.computeIfAbsent(row.getString(0), key -> new ArrayList<>())
          .add(new Point(row.getDouble(1), row.getDouble(2)));
    }
    return told;
  }

  private static List<Row> shuffled(List<Row> sample, String column, int place, long seed) {
    List<Object> values = new ArrayList<>();
    sample.forEach(row -> values.add(row.get(place)));
    Collections.shuffle(values, new Random(seed));
    List<Row> changed = new ArrayList<>();
    for (int i = 0; i < sample.size(); i++) {
      changed.add(row(sample.get(i), column, place, values.get(i)));
    }
    return changed;
  }

  /** A row with another value in one place, and behind it the name of that column. */
  private static Row row(Row row, String column, int place, Object value) {
    Object[] cells = new Object[row.size() + 1];
    for (int i = 0; i < row.size(); i++) {
      cells[i] = i == place ? value : row.get(i);
    }
    cells[row.size()] = column;
    return RowFactory.create(cells);
  }
}
