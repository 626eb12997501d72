package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Renewal;
import io.millrace.models.compiled.Uncompiled;
import io.millrace.models.onnx.Sessions;
import java.time.Clock;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Scores rows one by one within the tasks that have them, by models that need no frame. */
final class Scoring implements Renewal {
  private static final String SCORED = "_scored";

  private final ScoreStep step;
  private final SparkSession spark;
  private final String id;
  private final ModelInputs inputs;
  private final StructType given;
  private final ScoreFigures figures;
  private final Optional<DriftMeter> drift;
  private final Map<Role, Seat> seats = new EnumMap<>(Role.class);

  /**
   * Scores by these versions and those that take over from them.
   *
   * @param id of this start of the query
   * @param stored the main model's version
   * @param first the same, loaded
   */
  Scoring(
      ScoreStep step,
      SparkSession spark,
      String id,
      ModelInputs inputs,
      StoredModel stored,
      Scorable first) {
    this.step = step;
    this.id = id;
    this.spark = spark;
    this.inputs = inputs;
    this.given = step.given(stored.manifest());
    this.figures = ScoreFigures.of(spark, List.of(given.fieldNames()));
    this.drift = step.meter(spark, inputs, stored);
    seat(Role.MAIN, step.settings().model(), first);
    step.settings().split().ifPresent(split -> seat(Role.SPLIT, split.model()));
    step.settings().shadow().ifPresent(shadow -> seat(Role.SHADOW, shadow));
  }

  private void seat(Role role, String folder) {
    seat(role, folder, load(role, ModelStore.open(folder)));
  }

  private void seat(Role role, String folder, Scorable first) {
    Seat seat = new Seat(spark, folder, first, stored -> load(role, stored), Clock.systemUTC());
    seats.put(role, seat);
  }

  /** A version, which has to be watched where the step says so and it is one of the main model. */
  private Scorable load(Role role, StoredModel stored) {
    Scorable model = checked(role, stored);
    if (role == Role.MAIN) {
      drift.ifPresent(meter -> meter.know(stored));
    }
    return model;
  }

  /** A version that gives and reads what the running query has planned for. */
  private Scorable checked(Role role, StoredModel stored) {
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
    if (manifest.onnx() != null) {
      return onnx(step, id, role, inputs, stored);
    }
    PipelineModel model = step.load(spark, stored);
    try {
      return CompiledModel.of(manifest.version(), model, inputs.type(), step.outputs());
    } catch (Uncompiled e) {
      throw new IllegalArgumentException(
          "Cannot score by the model at "
              + stored.path()
              + " row by row: "
              + e.reason()
              + ". Only the main model of a step may be of that sort, and only with a start",
          e);
    }
  }

  /**
   * An ONNX model, checked.
   *
   * @param id of this start of the query
   */
  static OnnxModel onnx(
      ScoreStep step, String id, Role role, ModelInputs inputs, StoredModel stored) {
    return new OnnxModel(
        place(id, role), stored.manifest(), stored.onnx(), inputs.type(), step.outputs());
  }

  /** Where tasks have the sessions of a role. */
  String place(Role role) {
    return place(id, role);
  }

  private static String place(String id, Role role) {
    return role + " of " + id;
  }

  @Override
  public Dataset<Row> apply(Dataset<Row> rows) {
    Stream<Column> all = Stream.of(rows.columns()).map(Words::column);
    boolean tagged = List.of(rows.columns()).contains(Columns.DEAD);
    Column dead = tagged ? col(Columns.DEAD).isNotNull() : lit(false);
    Map<Role, Resident> residents = new EnumMap<>(Role.class);
    seats.forEach((role, seat) -> residents.put(role, seat.resident()));
    ScoredRow.Models models =
        new ScoredRow.Models(
            residents,
            figures,
            Renewal.property(step.name()),
            chosen(),
            drift.map(DriftMeter::probe).orElse(null));
    Column scored = ScoredRow.of(models, given, inputs.columns(), dead, split());
    return step.results(
        rows.select(Stream.concat(all, Stream.of(scored.as(SCORED))).toArray(Column[]::new)),
        given,
        rows.columns(),
        name -> col(SCORED).getField(name),
        col(SCORED).getField(ScoredRow.VERSION),
        col(SCORED).getField(ScoredRow.FAULT));
  }

  /** Whether the key of a row is one of the share: the same for all rows of the key. */
  private Column split() {
    Optional<Rival> split = step.settings().split();
    if (split.isEmpty()) {
      return lit(false);
    }
    Column[] key = split.get().by().stream().map(Words::column).toArray(Column[]::new);
    return pmod(xxhash64(key), lit((long) Rival.PARTS)).lt(lit(split.get().parts()));
  }

  private String main() {
    return Objects.requireNonNull(seats.get(Role.MAIN)).chosen();
  }

  private void begin(String version, DriftMeter.Coming coming) {
    drift.ifPresent(meter -> meter.begin(version, coming));
  }

  private String chosen() {
    Map<Role, String> versions = new EnumMap<>(Role.class);
    seats.forEach((role, seat) -> versions.put(role, seat.chosen()));
    return Role.text(versions);
  }

  @Override
  public String renew() {
    if (step.settings().reload() == ScoreStep.Reload.ON_CHANGE) {
      seats.values().forEach(Seat::follow);
    }
    begin(main(), DriftMeter.Coming.ANEW);
    return chosen();
  }

  @Override
  public void recall(String version) {
    Map<Role, String> versions = Role.versions(version);
    if (versions.containsKey(Role.SPLIT) && !seats.containsKey(Role.SPLIT)) {
      throw new IllegalStateException(
          "Cannot score a batch that comes again without the model for a share of the keys that"
              + " scored it first: "
              + version
              + ". Start the job with the split that it had, which may go once the batch is done");
    }
    seats.forEach((role, seat) -> Optional.ofNullable(versions.get(role)).ifPresent(seat::recall));
    begin(versions.getOrDefault(Role.MAIN, main()), DriftMeter.Coming.AGAIN);
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
  public Optional<String> failing() {
    return seats.values().stream().flatMap(seat -> seat.failing().stream()).findFirst();
  }

  @Override
  public Map<String, Double> figures() {
    Map<String, Double> told = new LinkedHashMap<>(figures.told());
    drift.ifPresent(meter -> told.putAll(meter.figures()));
    return told;
  }

  @Override
  public void close() {
    seats.values().forEach(Seat::close);
    seats.keySet().forEach(role -> Sessions.leave(place(role)));
    drift.ifPresent(DriftMeter::close);
  }
}
