package io.millrace.models;

import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.UserClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.Classifier;
import org.apache.spark.ml.regression.Regressor;
import org.apache.spark.ml.util.MLWritable;

/** Stages that a training file names by their class. */
public final class Custom {
  private static final List<String> TAKEN =
      List.of("featuresCol", "labelCol", "predictionCol", "probabilityCol", "rawPredictionCol");

  private Custom() {}

  /**
   * Any stage. As the last of the pipeline it learns; with columns to read it works on these; else
   * it turns the vector of all features into another.
   */
  @Doc("Any stage of Spark or of yours, by its class")
  public record Stage(
      @Doc(
              "The class: a public org.apache.spark.ml.PipelineStage that can be made without"
                  + " arguments")
          String className,
      @Doc(
              "Its params, by the names that the class gives them; of a list, the values with commas"
                  + " between them")
          Map<String, String> params,
      @Doc("Columns that it reads, where inputCol or inputCols do not say") List<String> reads,
      @Doc("Columns that it adds, where outputCol or outputCols do not say") List<String> writes,
      @Doc("What it learns as the last stage, where its class does not say") Optional<Task> learns)
      implements ColumnStage, VectorStage, Learner {
    public Stage {
      params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
      reads = List.copyOf(reads);
      writes = List.copyOf(writes);
      PipelineStage made = make(className, params);
      if (made instanceof Transformer && !(made instanceof MLWritable)) {
        throw new IllegalArgumentException(
            "Cannot store a "
                + className
                + ", which Spark cannot write. Let it extend or implement DefaultParamsWritable");
      }
    }

    @Override
    public List<String> inputs() {
      return columns(reads, "inputCol", "inputCols");
    }

    @Override
    public List<String> outputs() {
      return columns(writes, "outputCol", "outputCols");
    }

    @Override
    public PipelineStage stage() {
      return make(className, params);
    }

    @Override
    public PipelineStage stage(String input, String output) {
      PipelineStage made = stage();
      Params.set(made, vectorInput(made), input);
      Params.set(made, "outputCol", output);
      if (made.hasParam("labelCol")) {
        Params.set(made, "labelCol", Recipe.LABEL);
      }
      return made;
    }

    @Override
    public PipelineStage stage(Lesson lesson) {
      PipelineStage made = stage();
      Params.set(made, "featuresCol", lesson.features());
      if (task() != Task.CLUSTERING) {
        Params.set(made, "labelCol", lesson.label());
      }
      if (made.hasParam("seed") && !params.containsKey("seed")) {
        Params.set(made, "seed", Long.toString(lesson.seed()));
      }
      return made;
    }

    @Override
    public Task task() {
      if (learns.isPresent()) {
        return learns.get();
      }
      PipelineStage made = stage();
      if (made instanceof Classifier) {
        return Task.CLASSIFICATION;
      }
      return made instanceof Regressor || made.hasParam("labelCol")
          ? Task.REGRESSION
          : Task.CLUSTERING;
    }

    /** Refuses a class that cannot turn one vector into another. */
    void requireVector() {
      PipelineStage made = stage();
      if (!made.hasParam(vectorInput(made)) || !made.hasParam("outputCol")) {
        throw new IllegalArgumentException(
            "Cannot tell which columns "
                + className
                + " reads. Name them with reads, and with writes those that it adds");
      }
    }

    /** Refuses a class that cannot learn from a vector. */
    void requireLearner() {
      if (stage() instanceof Transformer || !stage().hasParam("featuresCol")) {
        throw new IllegalArgumentException(
            "Needs a stage that learns as the last of the pipeline, found "
                + className
                + ". Put one behind it, such as random-forest");
      }
      for (String name : TAKEN) {
        if (params.containsKey(name)) {
          throw new IllegalArgumentException(
              "Cannot set " + name + " of " + className + ": the training sets it. Leave it out");
        }
      }
    }

    private List<String> columns(List<String> named, String one, String several) {
      if (!named.isEmpty()) {
        return named;
      }
      List<String> columns = new ArrayList<>();
      if (params.containsKey(one)) {
        columns.add(params.get(one));
      }
      if (params.containsKey(several)) {
        columns.addAll(Arrays.asList(Params.texts(params.get(several))));
      }
      return List.copyOf(columns);
    }

    private static String vectorInput(PipelineStage made) {
      return made.hasParam("inputCol") ? "inputCol" : "featuresCol";
    }
  }

  private static PipelineStage make(String className, Map<String, String> params) {
    PipelineStage made = UserClass.make(className, PipelineStage.class);
    params.forEach((name, value) -> Params.set(made, name, value));
    return made;
  }
}
