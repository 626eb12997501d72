package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Transform;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Scores every row with a stored model and adds what it says as columns. The model is loaded once,
 * when the query starts. A row with a feature that is null or not a finite number, and that no
 * stage of the model fills, passes with nulls in these columns; so does nothing else. An unseen
 * category is one of its own, unless the model's stage says {@code invalid: error}, which stops the
 * job.
 */
public record ScoreStep(Settings settings) implements Transform {
  private static final String KEPT = "_kept_";

  /** What a job file says. */
  public record Settings(
      @Doc("Folder of the model's versions, whose current one is taken, or of one version")
          String model,
      @Doc("Columns to add, each with a column of the model: prediction, or probability[1]")
          Map<String, String> output,
      @Doc("When a newer version takes over; never, so far") @Default("never") Reload reload)
      implements Serializable {
    public Settings {
      output = Collections.unmodifiableMap(new LinkedHashMap<>(output));
      Output.all(output);
      if (reload == Reload.ON_CHANGE) {
        throw new IllegalArgumentException(
            "Cannot reload on-change, which is not supported yet. Leave reload out, and restart"
                + " the job for a new version");
      }
    }
  }

  /** When a newer version of a model takes over. */
  public enum Reload {
    NEVER,
    ON_CHANGE
  }

  @Override
  public Optional<StructType> schema(StructType rows) {
    Manifest manifest = ModelStore.open(settings.model()).manifest();
    check(manifest, rows);
    StructType result = rows;
    for (Output output : outputs()) {
      result = result.add(output.name(), output.type(manifest), true);
    }
    return Optional.of(result);
  }

  /** Every stage of a model works on single rows. */
  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public Dataset<Row> apply(Dataset<Row> rows) {
    StoredModel stored = ModelStore.open(settings.model());
    check(stored.manifest(), rows.schema());
    PipelineModel model = stored.load(rows.sparkSession());
    Dataset<Row> scored = transform(model, prepared(rows, stored.manifest()));
    List<Column> result = new ArrayList<>();
    String[] names = rows.schema().fieldNames();
    for (int i = 0; i < names.length; i++) {
      result.add(col(KEPT + i).as(names[i]));
    }
    for (Output output : outputs()) {
      Column value = output.of(stored.manifest());
      result.add(when(col(Completeness.COMPLETE), value).as(output.name()));
    }
    return scored.select(result.toArray(Column[]::new));
  }

  /** All columns under other names, so that none stands in the model's way, and its inputs. */
  private static Dataset<Row> prepared(Dataset<Row> rows, Manifest manifest) {
    StructType schema = rows.schema();
    List<Column> columns = new ArrayList<>();
    String[] names = schema.fieldNames();
    for (int i = 0; i < names.length; i++) {
      columns.add(rows.col(Words.quoted(names[i])).as(KEPT + i));
    }
    for (Manifest.Field input : manifest.inputs()) {
      StructField found = Schemas.find(schema, input.name()).orElseThrow();
      DataType learned = Schemas.type(input);
      Column column = rows.col(Words.quoted(found.name()));
      columns.add((Schemas.floating(learned) ? column.cast(learned) : column).as(input.name()));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  /** As {@code PipelineModel.transform}, with incomplete rows kept from the stages that learned. */
  private static Dataset<Row> transform(PipelineModel model, Dataset<Row> rows) {
    Dataset<Row> result = rows;
    for (Transformer stage : model.stages()) {
      result = stage.transform(result);
      if (stage instanceof VectorAssembler assembler) {
        result = Completeness.guard(result, assembler.getOutputCol());
      }
    }
    return result;
  }

  private void check(Manifest manifest, StructType rows) {
    List<String> wrong = new ArrayList<>();
    for (Manifest.Field input : manifest.inputs()) {
      DataType learned = Schemas.type(input);
      Optional<StructField> found = Schemas.find(rows, input.name());
      if (found.isEmpty()) {
        wrong.add(input.name() + " " + learned.simpleString() + " is missing");
      } else if (!Schemas.fits(learned, found.get().dataType())) {
        wrong.add(
            input.name()
                + " is "
                + found.get().dataType().simpleString()
                + ", not "
                + learned.simpleString());
      }
    }
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot score these rows with the model "
              + manifest.model()
              + ": "
              + String.join("; ", wrong)
              + ". Add and cast columns in a step before");
    }
    for (Output output : outputs()) {
      output.type(manifest);
      if (Schemas.find(rows, output.name()).isPresent()) {
        throw new IllegalArgumentException(
            "Cannot add the column "
                + output.name()
                + ": the rows have one of that name. Choose another under output");
      }
    }
  }

  private List<Output> outputs() {
    return Output.all(settings.output());
  }
}
