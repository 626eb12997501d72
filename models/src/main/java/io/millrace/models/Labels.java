package io.millrace.models;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Checks labels before hours are spent on learning from them. */
final class Labels {
  private Labels() {}

  /**
   * Refuses labels that a recipe cannot learn.
   *
   * @param all the rows of the training and those held out
   * @throws IllegalArgumentException with a sentence
   */
  static void check(Recipe recipe, Dataset<Row> training, Dataset<Row> all) {
    if (recipe.label().isEmpty()) {
      return;
    }
    String name = recipe.label().get();
    Column label = col(Recipe.LABEL);
    Row found =
        all.select(
                number(label.isNull().or(label.isNaN())),
                number(label.lt(0).or(label.notEqual(floor(label)))),
                min(label),
                max(label))
            .head();
    if (found.getLong(0) > 0) {
      throw new IllegalArgumentException(
          "Cannot learn the label "
              + name
              + ": it is null in "
              + found.getLong(0)
              + " rows. Filter them in a step");
    }
    if (recipe.learner().task() == Task.CLASSIFICATION) {
      classes(recipe.learner(), name, found);
      several(name, training);
    }
  }

  private static void classes(Learner learner, String name, Row found) {
    if (found.getLong(1) > 0) {
      throw new IllegalArgumentException(
          "Expected classes 0, 1, 2 and so on in the label "
              + name
              + ", found values from "
              + found.getDouble(2)
              + " to "
              + found.getDouble(3)
              + ". Number them in a step, or use a regression");
    }
    if (learner.binary() && found.getDouble(3) > 1) {
      throw new IllegalArgumentException(
          "Cannot tell more than two classes with "
              + Recipe.name(learner)
              + ", found classes up to "
              + (long) found.getDouble(3)
              + " in the label "
              + name
              + ". A random-forest can");
    }
  }

  private static void several(String name, Dataset<Row> training) {
    List<Row> classes = training.select(Recipe.LABEL).distinct().limit(2).collectAsList();
    if (classes.size() < 2) {
      throw new IllegalArgumentException(
          "Needs at least two classes in the label "
              + name
              + ", found only "
              + (long) classes.get(0).getDouble(0)
              + " in the rows to learn from");
    }
  }

  private static Column number(Column condition) {
    return coalesce(sum(when(condition, lit(1L)).otherwise(lit(0L))), lit(0L));
  }
}
