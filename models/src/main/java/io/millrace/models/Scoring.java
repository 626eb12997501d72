package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Renewal;
import io.millrace.models.compiled.Program;
import io.millrace.models.compiled.Uncompiled;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** Scores rows one by one within the tasks that have them, by a compiled model. */
final class Scoring implements Renewal {
  private static final String SCORED = "_scored";

  private final ScoreStep step;
  private final ModelInputs inputs;
  private final StructType given;
  private final Seat seat;

  /**
   * Scores by this version and those that take over from it.
   *
   * @param first the manifest of the version
   */
  Scoring(ScoreStep step, SparkSession spark, ModelInputs inputs, Manifest first, Program program) {
    this.step = step;
    this.inputs = inputs;
    this.given = step.given(first);
    this.seat =
        new Seat(
            spark,
            step.settings().model(),
            compiled(first, program),
            stored -> load(spark, stored),
            Clock.systemUTC());
  }

  private CompiledModel compiled(Manifest manifest, Program program) {
    return new CompiledModel(
        manifest.version(), program, CompiledModel.places(program, step.outputs()));
  }

  /** A version that gives and reads what the running query has planned for. */
  private CompiledModel load(SparkSession spark, StoredModel stored) {
    Manifest manifest = stored.manifest();
    inputs.check(manifest);
    if (!step.given(manifest).equals(given)) {
      throw new IllegalArgumentException(
          "Cannot go on with a model that gives "
              + step.given(manifest).catalogString()
              + " where the query was planned with "
              + given.catalogString()
              + ". Start the job again");
    }
    PipelineModel model = step.load(spark, stored);
    try {
      return compiled(manifest, Program.strict(model, inputs.type()));
    } catch (Uncompiled e) {
      throw new IllegalArgumentException(
          "Cannot score by it within a running query: " + e.reason() + ". Start the job again", e);
    }
  }

  @Override
  public Dataset<Row> apply(Dataset<Row> rows) {
    Column[] all = Stream.of(rows.columns()).map(Words::column).toArray(Column[]::new);
    Column dead =
        List.of(rows.columns()).contains(Columns.DEAD)
            ? col(Columns.DEAD).isNotNull()
            : functions.lit(false);
    ScoredRow.Models models =
        new ScoredRow.Models(
            seat.resident(), Renewal.property(step.name()), seat.chosen());
    Column scored = ScoredRow.of(models, given, dead, inputs.columns());
    Dataset<Row> both =
        rows.select(
            Stream.concat(Stream.of(all), Stream.of(scored.as(SCORED))).toArray(Column[]::new));
    return step.results(
        both,
        given,
        rows.columns(),
        name -> col(SCORED).getField(name),
        col(SCORED).getField(ScoredRow.VERSION),
        col(SCORED).getField(ScoredRow.FAULT));
  }

  @Override
  public String renew() {
    if (step.settings().reload() == ScoreStep.Reload.ON_CHANGE) {
      seat.follow();
    }
    return seat.chosen();
  }

  @Override
  public void recall(String version) {
    seat.recall(version);
  }

  @Override
  public Optional<String> failing() {
    return seat.failing();
  }

  @Override
  public void close() {
    seat.close();
  }
}
