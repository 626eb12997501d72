package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/** A fitted pipeline and what is known of it. */
record Fitted(
    PipelineModel model,
    Task task,
    List<Manifest.Field> outputs,
    long trainingRows,
    long heldOutRows,
    long incompleteRows,
    Map<String, Double> metrics) {

  /** Fits a recipe and measures it. */
  static Fitted on(TrainingTable table, Recipe recipe, long seed) {
    PipelineModel prepare = fit(preparation(recipe), table.training());
    Dataset<Row> training = complete(prepare, table.training());
    Dataset<Row> heldOut = complete(prepare, table.heldOut());
    try {
      long trainingRows = counted(training, "to learn from");
      long heldOutRows = counted(heldOut, "to measure the model on");
      Labels.check(recipe, training, table.rows());
      PipelineModel learned = fit(learning(recipe, seed), training);
      Dataset<Row> scored = learned.transform(heldOut);
      return new Fitted(
          joined(prepare, learned, table.rows()),
          recipe.learner().task(),
          outputs(scored),
          trainingRows,
          heldOutRows,
          table.rows().count() - trainingRows - heldOutRows,
          Evaluation.of(recipe, scored));
    } finally {
      training.unpersist();
      heldOut.unpersist();
    }
  }

  private static List<PipelineStage> preparation(Recipe recipe) {
    List<PipelineStage> stages = new ArrayList<>();
    recipe.columns().forEach(column -> stages.add(column.stage()));
    stages.add(ColumnStage.assembler(recipe.assembled(), Recipe.ASSEMBLED));
    return stages;
  }

  private static List<PipelineStage> learning(Recipe recipe, long seed) {
    List<PipelineStage> stages = new ArrayList<>();
    for (int i = 0; i < recipe.vectors().size(); i++) {
      stages.add(recipe.vectors().get(i).stage(recipe.vector(i), recipe.vector(i + 1)));
    }
    stages.add(recipe.learner().stage(recipe.learned(), Recipe.LABEL, seed));
    return stages;
  }

  private static PipelineModel fit(List<? extends PipelineStage> stages, Dataset<Row> rows) {
    return new Pipeline().setStages(stages.toArray(PipelineStage[]::new)).fit(rows);
  }

  private static Dataset<Row> complete(PipelineModel prepare, Dataset<Row> rows) {
    return prepare
        .transform(rows)
        .filter(Completeness.complete(col(Recipe.ASSEMBLED)))
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static long counted(Dataset<Row> rows, String what) {
    long count = rows.count();
    if (count == 0) {
      throw new IllegalArgumentException(
          "Needs rows "
              + what
              + ", found none whose features are all there. Change the split, or fill nulls with an"
              + " imputer");
    }
    return count;
  }

  /** Fitting stages that are fitted already only strings them together. */
  private static PipelineModel joined(
      PipelineModel first, PipelineModel second, Dataset<Row> rows) {
    List<PipelineStage> stages = new ArrayList<>(Arrays.asList(first.stages()));
    stages.addAll(Arrays.asList(second.stages()));
    return fit(stages, rows);
  }

  private static List<Manifest.Field> outputs(Dataset<Row> scored) {
    StructType schema = scored.schema();
    List<String> names =
        Recipe.RESULTS.stream().filter(List.of(schema.fieldNames())::contains).toList();
    Row first = scored.selectExpr(names.toArray(String[]::new)).head();
    List<Manifest.Field> fields = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      fields.add(
          first.get(i) instanceof Vector vector
              ? new Manifest.Field(names.get(i), Manifest.VECTOR, vector.size())
              : Schemas.fields(schema, List.of(names.get(i))).get(0));
    }
    return List.copyOf(fields);
  }
}
