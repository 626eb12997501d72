package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Renewal;
import io.millrace.engine.spi.Renewed;
import io.millrace.models.compiled.Program;
import io.millrace.models.compiled.Uncompiled;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores every row with a stored model and adds what it says as columns. A row that cannot be
 * scored, such as one with a feature that is null or not a finite number and that no stage of the
 * model fills, is a dead letter, unless the step says what stands in for a score.
 *
 * @param name that the job gives the step
 * @param unknown the stages of the model that only Spark can run, as it is when the job is planned
 */
public record ScoreStep(Settings settings, String name, List<String> unknown) implements Renewed {
  private static final Logger LOG = LoggerFactory.getLogger(ScoreStep.class);
  private static final String RULE = "score";

  /** What a job file says. */
  public record Settings(
      @Doc("Folder of the model's versions, whose current one is taken, or of one version")
          String model,
      @Doc("Columns to add, each with a column of the model: prediction, or probability[1]")
          Map<String, String> output,
      @Doc("When a newer version takes over: with the next start, or with the next batch")
          @Default("never")
          Reload reload,
      @Doc(
              "What a row gets that cannot be scored, an SQL expression for each output, else null;"
                  + " without it such rows are dead letters")
          Map<String, String> fallback,
      @Doc("Column to add with the version that scored the row; null where a fallback stood in")
          Optional<String> version,
      @Doc("A model that scores a share of the keys in place of this one") Optional<Rival> split,
      @Doc(
              "Folder of the versions of a model that scores the same rows beside, for the figures"
                  + " alone")
          Optional<String> shadow,
      @Doc(
              "Whether rows and scores still look like those of the training of the version that"
                  + " scores them; what no split or shadow model scores counts")
          Optional<DriftSettings> drift,
      @Doc("Classes of stages that the model may have beside those of Spark") List<String> allow)
      implements Serializable {
    public Settings {
      output = Collections.unmodifiableMap(new LinkedHashMap<>(output));
      fallback = Collections.unmodifiableMap(new LinkedHashMap<>(fallback));
      allow = List.copyOf(allow);
      Output.all(output);
      for (String name : fallback.keySet()) {
        if (!output.containsKey(name)) {
          throw new IllegalArgumentException(
              "Unknown output "
                  + name
                  + " in fallback. The outputs are "
                  + String.join(", ", output.keySet()));
        }
      }
      version.ifPresent(Output::checkName);
      if (version.isPresent()
          && output.keySet().stream().anyMatch(version.get()::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "Cannot name two outputs " + version.get() + ". Choose another name for the version");
      }
    }
  }

  /** When a newer version of a model takes over. */
  public enum Reload {
    /** When the job starts again. */
    NEVER,
    /** With the first batch behind that for which it is loaded. */
    ON_CHANGE
  }

  public ScoreStep(Settings settings) {
    this(settings, "", List.of());
  }

  @Override
  public ScoreStep named(String newName) {
    return new ScoreStep(settings, newName, unknown(settings.model()));
  }

  @Override
  public Optional<StructType> schema(StructType rows) {
    StoredModel stored = ModelStore.open(settings.model());
    Manifest manifest = stored.manifest();
    check(manifest, rows);
    settings.drift().ifPresent(drift -> checkDrift(stored, rows, drift));
    StructType result = rows;
    for (StructField field : given(manifest).fields()) {
      result = result.add(field);
    }
    return Optional.of(
        settings.version().isPresent()
            ? result.add(settings.version().get(), DataTypes.StringType, true)
            : result);
  }

  private void checkDrift(StoredModel stored, StructType rows, DriftSettings drift) {
    Watched unused =
        Watching.of(stored, ModelInputs.of(stored.manifest(), rows).type(), outputs(), drift);
  }

  /** Every stage of a model works on single rows. */
  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public boolean tags() {
    return settings.fallback().isEmpty();
  }

  @Override
  public Effect effect() {
    return tags() ? Effect.SIFTS : Effect.SAME;
  }

  /** What scores row by row leaves dead letters alone; Spark's transform takes all rows. */
  @Override
  public boolean keepsDead() {
    return unknown.isEmpty();
  }

  /** The stages that are not known; none where there is no model, which the columns tell. */
  private static List<String> unknown(String model) {
    try {
      Manifest manifest = ModelStore.open(model).manifest();
      if (manifest.onnx() != null) {
        return List.of();
      }
      return manifest.stages().stream()
          .filter(type -> !Program.knows(type))
          .map(type -> type.substring(type.lastIndexOf('.') + 1))
          .toList();
    } catch (IllegalArgumentException | IllegalStateException e) {
      LOG.debug("Nothing is known of the stages of {}", model, e);
      return List.of();
    }
  }

  @Override
  public List<String> told() {
    StoredModel stored = ModelStore.open(settings.model());
    Manifest manifest = stored.manifest();
    List<String> told = new ArrayList<>();
    told.add(
        "version "
            + manifest.version()
            + " of the model "
            + manifest.model()
            + ", "
            + how(manifest));
    told.add(
        settings.reload() == Reload.ON_CHANGE
            ? "a newer version takes over between two batches, once it is loaded and checked"
            : "a newer version takes over with the next start");
    told.add("a batch that comes again is scored by the version that scored it first");
    settings.drift().ifPresent(drift -> told.add(drift.told(stored, outputs())));
    return told;
  }

  private String how(Manifest manifest) {
    if (manifest.onnx() != null) {
      return "scored row by row by ONNX Runtime from "
          + String.join(", ", manifest.inputs().stream().map(Manifest.Field::name).toList());
    }
    return unknown.isEmpty()
        ? "scored row by row"
        : "scored by Spark's transform, as these stages are not known: "
            + String.join(", ", unknown);
  }

  @Override
  public Renewal renewal(Dataset<Row> rows, Optional<String> before) {
    try {
      return renewal(rows, ModelStore.open(settings.model()));
    } catch (RuntimeException e) {
      if (before.isEmpty()) {
        throw e;
      }
      LOG.warn(
          "Step {} goes on with version {}, which scored its last batch: {}",
          name,
          before.get(),
          Causes.clause(e));
      return renewal(rows, ModelStore.at(settings.model()).version(before.get()));
    }
  }

  private Renewal renewal(Dataset<Row> rows, StoredModel stored) {
    Manifest manifest = stored.manifest();
    check(manifest, rows.schema());
    ModelInputs inputs = ModelInputs.of(manifest, rows.schema());
    String id = UUID.randomUUID().toString();
    if (manifest.onnx() != null) {
      OnnxModel model = Scoring.onnx(this, id, Role.MAIN, inputs, stored);
      return new Scoring(this, rows.sparkSession(), id, inputs, stored, model);
    }
    PipelineModel model = load(rows.sparkSession(), stored);
    try {
      CompiledModel first = CompiledModel.of(manifest.version(), model, inputs.type(), outputs());
      return new Scoring(this, rows.sparkSession(), id, inputs, stored, first);
    } catch (Uncompiled e) {
      if (settings.reload() == Reload.ON_CHANGE
          || settings.split().isPresent()
          || settings.shadow().isPresent()) {
        throw new IllegalArgumentException(
            "Cannot reload, split or shadow this model: "
                + e.reason()
                + ", and what Spark alone can score is fixed when a query starts. Leave them out,"
                + " and restart the job for a new version",
            e);
      }
      LOG.info("Step {} is scored by Spark's own transform: {}", name, e.reason());
      return new Transforming(
          this, inputs, manifest, model, meter(rows.sparkSession(), inputs, stored));
    }
  }

  /** What measures drift, from a version on. */
  Optional<DriftMeter> meter(SparkSession spark, ModelInputs inputs, StoredModel first) {
    Optional<DriftMeter> meter =
        settings.drift().map(drift -> new DriftMeter(spark, name, drift, inputs.type(), outputs()));
    meter.ifPresent(found -> found.know(first));
    return meter;
  }

  /**
   * The rows as the step gives them.
   *
   * @param scored the columns that came, and what follows of them
   * @param given the outputs
   * @param came the names of the columns that came
   * @param output what the model gave, by the name of the output
   * @param version that the row was scored with
   * @param fault why it was not; null where it was
   */
  Dataset<Row> results(
      Dataset<Row> scored,
      StructType given,
      String[] came,
      Function<String, Column> output,
      Column version,
      Column fault) {
    List<Column> columns = new ArrayList<>();
    boolean tagged = List.of(came).contains(Columns.DEAD);
    Column unscored = fault.isNotNull();
    for (String column : came) {
      if (!column.equals(Columns.DEAD)) {
        columns.add(Words.column(column));
      }
    }
    for (StructField one : given.fields()) {
      Column value = when(unscored, fallback(one)).otherwise(output.apply(one.name()));
      columns.add(value.as(one.name()));
    }
    settings.version().ifPresent(column -> columns.add(when(not(unscored), version).as(column)));
    if (tags()) {
      Column before = tagged ? col(Columns.DEAD) : lit(null);
      Column anew = tagged ? unscored.and(before.isNull()) : unscored;
      columns.add(when(anew, letter(fault)).otherwise(before).as(Columns.DEAD));
    } else if (tagged) {
      columns.add(col(Columns.DEAD));
    }
    return scored.select(columns.toArray(Column[]::new));
  }

  private Column fallback(StructField output) {
    String text = settings.fallback().get(output.name());
    return (text == null ? lit(null) : expr(text)).cast(output.dataType());
  }

  private Column letter(Column fault) {
    return struct(
        lit(null).cast(DataTypes.StringType).as("source"),
        lit(name).as("step"),
        lit(RULE).as("rule"),
        fault.as("reason"));
  }

  /** A version, if its files are what was stored and name no class that they may not. */
  PipelineModel load(SparkSession spark, StoredModel stored) {
    return stored.load(spark, Set.copyOf(settings.allow()));
  }

  private void check(Manifest manifest, StructType rows) {
    List<String> unknown =
        settings.split().stream()
            .flatMap(split -> split.by().stream())
            .filter(column -> Schemas.find(rows, column).isEmpty())
            .toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot split by "
              + String.join(", ", unknown)
              + ": the rows have "
              + String.join(", ", rows.fieldNames()));
    }
    List<String> wrong = Schemas.unfit(manifest, rows);
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot score these rows with the model "
              + manifest.model()
              + ": "
              + String.join("; ", wrong)
              + ". Add and cast columns in a step before");
    }
    List<String> added = new ArrayList<>(settings.output().keySet());
    settings.version().ifPresent(added::add);
    outputs().forEach(output -> output.type(manifest));
    for (String column : added) {
      if (Schemas.find(rows, column).isPresent()) {
        throw new IllegalArgumentException(
            "Cannot add the column "
                + column
                + ": the rows have one of that name. Choose another under output");
      }
    }
  }

  /** What a model gives, under the names of the outputs. */
  StructType given(Manifest manifest) {
    StructType given = new StructType();
    for (Output output : outputs()) {
      given = given.add(output.name(), output.type(manifest), true);
    }
    return given;
  }

  List<Output> outputs() {
    return Output.all(settings.output());
  }
}
