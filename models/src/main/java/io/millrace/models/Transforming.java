package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Renewal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores frames by {@link PipelineModel#transform}, for models with a stage that is not known. The
 * version is the same for as long as the query runs. A row that a stage stops at stops the job,
 * unless that is for a feature that is null or not a finite number where features become a vector.
 */
record Transforming(
    ScoreStep step,
    ModelInputs inputs,
    Manifest manifest,
    PipelineModel model,
    Optional<DriftMeter> drift)
    implements Renewal {
  private static final Logger LOG = LoggerFactory.getLogger(Transforming.class);
  private static final String KEPT = "_kept_";

  @Override
  public Dataset<Row> apply(Dataset<Row> rows) {
    String[] names = rows.columns();
    Dataset<Row> scored = transform(prepared(rows));
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      columns.add(col(KEPT + i).as(names[i]));
    }
    for (Output output : step.outputs()) {
      columns.add(output.of(manifest).as(KEPT + output.name()));
    }
    columns.add(complete(scored).as(KEPT));
    return step.results(
        scored.select(columns.toArray(Column[]::new)),
        step.given(manifest),
        names,
        name -> Words.column(KEPT + name),
        lit(manifest.version()),
        when(
            not(col(KEPT)),
            lit("Cannot score a row with a feature that is null or not a finite number")));
  }

  /** Whether a row could be scored; it is counted there where drift is measured. */
  private Column complete(Dataset<Row> scored) {
    Column complete = col(Completeness.COMPLETE);
    if (drift.isEmpty()) {
      return complete;
    }
    List<String> here = List.of(scored.columns());
    for (String input : inputs.type().fieldNames()) {
      if (!here.contains(input)) {
        throw new IllegalArgumentException(
            "Cannot measure drift: a stage of the model drops its input "
                + input
                + ". Leave drift out, and compare with Drift.of what the job writes");
      }
    }
    return CountedRow.of(
        drift.get().probe(),
        manifest.version(),
        Stream.of(inputs.type().fieldNames()).map(Words::column).toList(),
        step.outputs().stream().map(output -> output.of(manifest)).toList(),
        complete);
  }

  /** All columns under other names, so that none stands in the model's way, and its inputs. */
  private Dataset<Row> prepared(Dataset<Row> rows) {
    List<Column> columns = new ArrayList<>();
    String[] names = rows.columns();
    for (int i = 0; i < names.length; i++) {
      columns.add(rows.col(Words.quoted(names[i])).as(KEPT + i));
    }
    String[] read = inputs.type().fieldNames();
    for (int i = 0; i < read.length; i++) {
      columns.add(inputs.columns().get(i).as(read[i]));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  /** As {@code PipelineModel.transform}, with incomplete rows kept from the stages that learned. */
  private Dataset<Row> transform(Dataset<Row> rows) {
    Dataset<Row> result = rows;
    for (Transformer stage : model.stages()) {
      result = stage.transform(result);
      if (stage instanceof VectorAssembler assembler) {
        result = Completeness.guard(result, assembler.getOutputCol());
      }
    }
    return result;
  }

  @Override
  public String renew() {
    drift.ifPresent(meter -> meter.begin(manifest.version(), DriftMeter.Coming.ANEW));
    return manifest.version();
  }

  @Override
  public void recall(String version) {
    drift.ifPresent(meter -> meter.begin(manifest.version(), DriftMeter.Coming.AGAIN));
    if (!version.equals(manifest.version())) {
      LOG.warn(
          "A batch comes again that version {} of the model {} scored first; now version {} does,"
              + " since such a model is fixed when the query starts",
          version,
          manifest.model(),
          manifest.version());
    }
  }

  @Override
  public void done(long batch) {
    drift.ifPresent(meter -> meter.done(batch));
  }

  @Override
  public List<String> warnings() {
    return drift.map(DriftMeter::warnings).orElse(List.of());
  }

  @Override
  public Map<String, Double> figures() {
    return drift.map(DriftMeter::figures).orElse(Map.of());
  }

  @Override
  public void close() {
    drift.ifPresent(DriftMeter::close);
  }
}
