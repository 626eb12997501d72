package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Fits the stages of a recipe: first those over columns, then on complete rows the others. */
final class Pipelines {
  private Pipelines() {}

  /**
   * The stages over columns, up to the vector of all features.
   *
   * @throws IllegalArgumentException with a sentence, if a stage cannot read what it gets
   */
  static PipelineModel prepare(Recipe recipe, Dataset<Row> rows) {
    List<PipelineStage> stages = new ArrayList<>();
    recipe.columns().forEach(column -> stages.add(column.stage()));
    stages.add(ColumnStage.assembler(recipe.assembled(), Recipe.ASSEMBLED));
    Pipeline pipeline = pipeline(stages);
    try {
      pipeline.transformSchema(rows.schema());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot put the stages together: "
              + String.valueOf(e.getMessage()).replaceFirst("^requirement failed: ", ""),
          e);
    }
    return pipeline.fit(read(recipe, rows));
  }

  /** The rows whose features are all there, with the vector of them. */
  static Dataset<Row> complete(Recipe recipe, PipelineModel prepared, Dataset<Row> rows) {
    return prepared
        .transform(read(recipe, rows))
        .filter(Completeness.complete(col(Recipe.ASSEMBLED)));
  }

  /** The stages over vectors and the one that learns, fitted to complete rows. */
  static PipelineModel learn(Recipe recipe, Dataset<Row> complete, long seed) {
    List<PipelineStage> stages = new ArrayList<>();
    for (int i = 0; i < recipe.vectors().size(); i++) {
      stages.add(recipe.vectors().get(i).stage(recipe.vector(i), recipe.vector(i + 1)));
    }
    PipelineModel vectors = pipeline(stages).fit(complete);
    Dataset<Row> turned = vectors.transform(complete);
    Vector first = turned.select(recipe.learned()).head().getAs(0);
    Learner.Lesson lesson =
        new Learner.Lesson(
            recipe.learned(), Recipe.LABEL, first.size(), classes(recipe, complete), seed);
    PipelineModel learned = pipeline(List.of(recipe.learner().stage(lesson))).fit(turned);
    return joined(List.of(vectors, learned), complete);
  }

  /** One pipeline of several; fitting stages that are fitted already only strings them together. */
  static PipelineModel joined(List<PipelineModel> parts, Dataset<Row> rows) {
    List<Transformer> stages = new ArrayList<>();
    parts.forEach(part -> stages.addAll(Arrays.asList(part.stages())));
    return pipeline(stages).fit(rows);
  }

  /** Stages that split a text stop at a null. */
  private static Dataset<Row> read(Recipe recipe, Dataset<Row> rows) {
    Dataset<Row> read = rows;
    for (String text : recipe.texts()) {
      read = read.filter(col(Words.quoted(text)).isNotNull());
    }
    return read;
  }

  private static int classes(Recipe recipe, Dataset<Row> rows) {
    return recipe.learner().task() == Task.CLASSIFICATION
        ? (int) rows.select(max(Recipe.LABEL)).head().getDouble(0) + 1
        : 0;
  }

  private static Pipeline pipeline(List<? extends PipelineStage> stages) {
    return new Pipeline().setStages(stages.toArray(PipelineStage[]::new));
  }
}
