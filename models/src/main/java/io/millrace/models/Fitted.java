package io.millrace.models;

import io.millrace.models.report.Plot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
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
    Map<String, Double> metrics,
    List<Plot> plots,
    Profile profile,
    GoldenRows golden) {
  private static final int GOLDEN = 20;

  /** Fits a recipe and measures it. */
  static Fitted on(TrainingTable table, Recipe recipe, long seed) {
    PipelineModel prepare = Pipelines.prepare(recipe, table.training());
    Dataset<Row> training = complete(recipe, prepare, table.training());
    Dataset<Row> heldOut = complete(recipe, prepare, table.heldOut());
    try {
      long trainingRows = counted(training, "to learn from");
      long heldOutRows = counted(heldOut, "to measure the model on");
      Labels.check(recipe, training, table.rows());
      PipelineModel learned = Pipelines.learn(recipe, training, seed);
      PipelineModel model = Pipelines.joined(List.of(prepare, learned), table.rows());
      Dataset<Row> scored = learned.transform(heldOut).persist(StorageLevel.MEMORY_AND_DISK());
      try {
        List<Manifest.Field> outputs = outputs(scored);
        return new Fitted(
            model,
            recipe.learner().task(),
            outputs,
            trainingRows,
            heldOutRows,
            table.rows().count() - trainingRows - heldOutRows,
            Evaluation.of(recipe, scored),
            plots(recipe, learned, model, scored, seed),
            Profiles.of(table.inputs(), outputs, table.training(), scored),
            GoldenRows.of(heldOut, model, table.inputs(), outputs, GOLDEN));
      } finally {
        scored.unpersist();
      }
    } finally {
      training.unpersist();
      heldOut.unpersist();
    }
  }

  private static List<Plot> plots(
      Recipe recipe, PipelineModel learned, PipelineModel model, Dataset<Row> scored, long seed) {
    List<Plot> plots = new ArrayList<>(Plots.of(recipe, scored, seed));
    Importance.own(recipe, learned, scored.schema())
        .or(() -> Importance.shuffled(recipe, model, scored, seed))
        .ifPresent(plots::add);
    return plots;
  }

  private static Dataset<Row> complete(Recipe recipe, PipelineModel prepare, Dataset<Row> rows) {
    return Pipelines.complete(recipe, prepare, rows).persist(StorageLevel.MEMORY_AND_DISK());
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
