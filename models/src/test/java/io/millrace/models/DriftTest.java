package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.testing.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Distances against a computation of their own, from the values and not from counts. */
class DriftTest {
  private static final Offset<Double> EXACT = within(1e-12);
  private static final List<String> NUMBERS =
      List.of("normal", "heavy", "whole", "constant", "empty", "wide");
  private static final List<DataType> TYPES =
      List.of(
          DataTypes.DoubleType,
          DataTypes.DoubleType,
          DataTypes.IntegerType,
          DataTypes.DoubleType,
          DataTypes.DoubleType,
          DataTypes.FloatType);

  private final List<Row> training = rows(new Random(1), 3_000, 0);
  private final List<Row> now = rows(new Random(2), 2_000, 0.7);
  private final Profile profile = profile(frame(training));
  private final List<Drift> drifts = Drift.of(profile, frame(now));

  private static List<Row> rows(Random random, int count, double shift) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          RowFactory.create(
              normal(random, shift),
              random.nextInt(3) == 0 ? Math.exp(2 * random.nextGaussian()) : 0.0,
              random.nextInt(20) == 0 ? null : (int) (random.nextInt(4) + 2 * shift),
              shift > 0 && i % 5 == 0 ? 8.0 : 7.0,
              null,
              (float) ((random.nextDouble() - 0.5) * 1e30 * (1 + shift)),
              device(random, shift),
              shift > 0 ? null : random.nextBoolean()));
    }
    return rows;
  }

  private static @Nullable Double normal(Random random, double shift) {
    return switch (random.nextInt(40)) {
      case 0 -> null;
      case 1 -> Double.NaN;
      case 2 -> Double.POSITIVE_INFINITY;
      case 3 -> Double.NEGATIVE_INFINITY;
      case 4 -> -0.0;
      default -> random.nextGaussian() + shift;
    };
  }

  private static @Nullable String device(Random random, double shift) {
    int kind = random.nextInt(10);
    if (kind == 0) {
      return null;
    }
    return kind < 5 ? "phone" : kind < 8 ? "tablet" : shift > 0 ? "watch é" : "desktop";
  }

  private static Dataset<Row> frame(List<Row> rows) {
    StructType type = new StructType();
    for (int i = 0; i < NUMBERS.size(); i++) {
      type = type.add(NUMBERS.get(i), TYPES.get(i));
    }
    type = type.add("device", DataTypes.StringType).add("flag", DataTypes.BooleanType);
    return Sessions.spark().createDataFrame(rows, type).repartition(3);
  }

  private static Profile profile(Dataset<Row> rows) {
    List<Manifest.Field> inputs = Schemas.fields(rows.schema(), List.of(rows.columns()));
    return Profiles.of(
        inputs,
        List.of(new Manifest.Field("prediction", "DOUBLE", 0)),
        rows,
        rows.selectExpr("normal as prediction"));
  }

  /** The values of a column that are there, ascending. */
  private static double[] values(List<Row> rows, int column) {
    return rows.stream()
        .filter(row -> !row.isNullAt(column))
        .mapToDouble(row -> ((Number) row.get(column)).doubleValue())
        .filter(value -> !Double.isNaN(value))
        .sorted()
        .toArray();
  }

  private Drift drift(String column) {
    return drifts.stream().filter(each -> each.column().equals(column)).findFirst().orElseThrow();
  }

  /** Share of values at or below an edge. */
  private static double below(double[] values, double edge) {
    return Arrays.stream(values).filter(value -> Double.compare(value, edge) <= 0).count()
        / (double) values.length;
  }

  @Test
  void measuresNumbersAsTheDefinitionsSay() {
    for (int i = 0; i < NUMBERS.size(); i++) {
      Drift drift = drift(NUMBERS.get(i));
      double[] edges =
          profile.numbers().get(i).edges().stream().mapToDouble(Double::doubleValue).toArray();
      double[] before = values(training, i);
      double[] after = values(now, i);

      assertThat(drift.rows()).isEqualTo(now.size());
      assertThat(drift.nulls())
          .isCloseTo(missing(now, after.length) - missing(training, before.length), EXACT);
      assertThat(drift.ks().orElseThrow())
          .as("ks of " + drift.column())
          .isCloseTo(farthest(edges, before, after), EXACT);
      assertThat(drift.psi())
          .as("psi of " + drift.column())
          .isCloseTo(stability(edges, before, after), EXACT);
    }
    assertThat(drift("normal").psi()).isBetween(0.3, 0.8);
    assertThat(drift("heavy").psi()).isLessThan(0.02);
    assertThat(drift("constant").ks().orElseThrow()).isCloseTo(0.2, EXACT);
    assertThat(drift("empty").psi()).isZero();
    assertThat(drift("empty").nulls()).isZero();
  }

  private static double missing(List<Row> rows, int values) {
    return (rows.size() - values) / (double) rows.size();
  }

  private static double farthest(double[] edges, double[] before, double[] after) {
    return after.length == 0
        ? 0
        : Arrays.stream(edges)
            .map(edge -> Math.abs(below(before, edge) - below(after, edge)))
            .max()
            .orElse(0);
  }

  /** Tenths end at the first edge at which a tenth more of the training is below. */
  private static double stability(double[] edges, double[] before, double[] after) {
    if (after.length == 0) {
      return 0;
    }
    List<Double> tops = new ArrayList<>();
    int tenths = 0;
    for (double edge : edges) {
      long reached = below(before, edge) >= 1 ? 10 : (long) (below(before, edge) * 10 + 1e-9);
      if (reached > tenths) {
        tops.add(edge);
        tenths = (int) reached;
      }
    }
    double sum = 0;
    for (int i = 0; i <= tops.size(); i++) {
      double from = i == 0 ? Double.NaN : tops.get(i - 1);
      double to = i == tops.size() ? Double.NaN : tops.get(i);
      double was = between(before, from, to);
      double is = between(after, from, to);
      if (was + is > 0) {
        double p = Math.max(is, 0.5) / after.length;
        double q = Math.max(was, 0.5) / before.length;
        sum += (p - q) * Math.log(p / q);
      }
    }
    return sum;
  }

  /** How many values are above one bound and not above another; NaN bounds nothing. */
  private static double between(double[] values, double from, double to) {
    return Arrays.stream(values)
        .filter(value -> Double.isNaN(from) || Double.compare(value, from) > 0)
        .filter(value -> Double.isNaN(to) || Double.compare(value, to) <= 0)
        .count();
  }

  @Test
  void measuresCategoriesAsTheDefinitionsSay() {
    Drift device = drift("device");
    double before = devices(training).size();
    double after = devices(now).size();
    double sum = 0;
    for (String name : List.of("phone", "tablet", "desktop", "watch é")) {
      double q = Math.max(count(training, name), 0.5) / before;
      double p = Math.max(count(now, name), 0.5) / after;
      sum += (p - q) * Math.log(p / q);
    }

    assertThat(device.psi()).isCloseTo(sum, EXACT);
    assertThat(device.unseen().orElseThrow()).isCloseTo(count(now, "watch é") / after, EXACT);
    assertThat(device.ks()).isEmpty();
    assertThat(device.nulls())
        .isCloseTo(missing(now, (int) after) - missing(training, (int) before), EXACT);
    assertThat(device.grown().values()).isEqualTo("other values");
    assertThat(drift("flag").nulls()).isEqualTo(1);
    assertThat(drift("flag").psi()).isZero();
  }

  private static List<String> devices(List<Row> rows) {
    return rows.stream().map(row -> row.getString(6)).filter(Objects::nonNull).toList();
  }

  private static double count(List<Row> rows, String device) {
    return devices(rows).stream().filter(device::equals).count();
  }

  @Test
  void rowsOfTheTrainingDoNotDrift() {
    assertThat(Drift.of(profile, frame(training)))
        .hasSize(8)
        .allSatisfy(
            drift -> {
              assertThat(drift.psi()).isZero();
              assertThat(drift.ks().orElse(0)).isZero();
              assertThat(drift.nulls()).isZero();
              assertThat(drift.unseen().orElse(0)).isZero();
            });
  }

  @Test
  void looksAtTheColumnsThatTheRowsHave() {
    Dataset<Row> some = frame(now).selectExpr("Normal as NORMAL", "normal as prediction");

    List<Drift> found = Drift.of(profile, some);

    assertThat(found).extracting(Drift::column).containsExactly("normal", "prediction");
    assertThat(found.get(1).psi()).isCloseTo(drift("normal").psi(), within(0.05));
    assertThatThrownBy(() -> Drift.of(profile, frame(now).selectExpr("normal as other")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Needs rows with a column of the profile: normal, heavy, whole, constant, empty, wide,"
                + " device, flag, prediction. The rows have other");
  }

  @Test
  void comparesWithAStoredVersion() {
    StoredModel model = Clicks.forest();
    Dataset<Row> moved =
        Clicks.rows().withColumn("device", org.apache.spark.sql.functions.lit("tv"));

    List<Drift> found = Drift.of(model, model.load(Sessions.spark()).transform(moved));

    assertThat(found)
        .extracting(Drift::column)
        .containsExactly("hour", "dwell_ms", "device", "probability[1]");
    assertThat(found.get(0).psi()).isLessThan(0.05);
    assertThat(found.get(2).unseen().orElseThrow()).isEqualTo(1);
    assertThat(found.get(3).psi()).isGreaterThan(0.25);
  }

  @Test
  void saysWhereThereIsNoProfile() {
    StoredModel model = Clicks.forest();
    Manifest has = model.manifest();
    Map<String, String> files = new java.util.TreeMap<>(has.files());
    files.remove(Profile.FILE);
    Manifest none =
        new Manifest(
            has.format(),
            has.model(),
            has.version(),
            has.created(),
            has.spark(),
            has.data(),
            has.task(),
            has.label(),
            has.inputs(),
            has.outputs(),
            has.stages(),
            has.trainingRows(),
            has.heldOutRows(),
            has.incompleteRows(),
            has.metrics(),
            files,
            null);

    assertThatThrownBy(
            () -> Drift.of(new StoredModel(model.path(), none, model.seal()), Clicks.rows()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot measure drift against version "
                + has.version()
                + " of the model click_fraud: it has no profile.json. Train the model again with"
                + " millrace train");
  }

  @Test
  void drawsTheSharesOfTrainingBesideThoseOfNow() {
    String svg = drift("normal").plot().svg();

    assertThat(svg).contains("Drift of normal", "in training in grey", "up to -1.");
    assertThat(svg.split("<rect ", -1)).hasSize(1 + 2 * drift("normal").shares().size());
  }
}
