package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Sessions;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class GoldenRowsTest {
  private static final List<Manifest.Field> INPUTS =
      List.of(new Manifest.Field("a", "DOUBLE", 0), new Manifest.Field("b", "DOUBLE", 0));
  private static final List<Manifest.Field> OUTPUTS = List.of(new Manifest.Field("v", "vector", 2));

  @Test
  void keepsEveryBitOfEveryType() {
    Random random = new Random(7);
    for (int i = 0; i < 1000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      float small = Float.intBitsToFloat(random.nextInt());
      keeps("DOUBLE", value);
      keeps("FLOAT", small);
    }
    for (double value :
        new double[] {0.0, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, Double.NEGATIVE_INFINITY}) {
      keeps("DOUBLE", value);
    }
    keeps("BIGINT", Long.MIN_VALUE);
    keeps("INT", 7);
    keeps("SMALLINT", (short) -7);
    keeps("TINYINT", (byte) 7);
    keeps("BOOLEAN", true);
    keeps("STRING", "a \"quoted\" ü, and NaN");
    keeps("STRING", "NaN");
    keeps("DECIMAL(20,5)", new BigDecimal("123456789012345.12345"));
    keeps("DATE", LocalDate.of(2026, 1, 31));
    keeps("TIMESTAMP", Instant.parse("2026-01-31T08:00:00.123456Z"));
    keeps("ARRAY<STRING>", CollectionConverters.asScala(List.of("a", "b")).toSeq());
    keeps("vector", Vectors.dense(1.5, Double.NaN, -0.0));
    keeps("vector", Vectors.sparse(5, new int[] {1, 4}, new double[] {0.1, 1e-300}));
    assertThat(again("INT", null)).isNull();
    assertThat(again("BINARY", new byte[] {1, -1})).isEqualTo(new byte[] {1, -1});
  }

  @Test
  void tellsWhichRowAndColumnDiffers() {
    GoldenRows golden =
        GoldenRows.of(GoldenRows.of(rows(), assembler("a", "b"), INPUTS, OUTPUTS, 3).json());
    assertThat(golden.rows()).hasSize(3);
    assertThat(golden.rows().get(1).<Vector>getAs(2).toArray()).containsExactly(Double.NaN, 2.0);

    golden.check(Sessions.spark(), assembler("a", "b"), "here");
    assertThatThrownBy(() -> golden.check(Sessions.spark(), assembler("b", "a"), "here"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot use the model at here: it does not score golden row 1 as when it was stored: v"
                + " is [0.5,1.0], expected [1.0,0.5]. Use the Spark that it was trained with, or"
                + " train the model again");
  }

  /** As a model trained on one machine and served on another may do. */
  @Test
  void allowsForTheLastBitOnly() {
    checked(0.1, Math.nextUp(0.1));
    checked(1e12, Math.nextUp(1e12));
    for (double other : new double[] {0.10001, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> checked(0.1, other)).hasMessageContaining(", expected [" + other);
    }
  }

  @Test
  void leavesOutWhatTheModelDrops() {
    VectorAssembler skipping = new VectorAssembler().setHandleInvalid("skip");
    PipelineModel model = assembler(skipping, "a", "b");
    GoldenRows golden = GoldenRows.of(rows(), model, INPUTS, OUTPUTS, 10);
    assertThat(golden.rows()).extracting(row -> row.get(0)).containsExactly(1.0, 3.0);

    GoldenRows all = GoldenRows.of(rows(), assembler("a", "b"), INPUTS, OUTPUTS, 10);
    assertThatThrownBy(() -> all.check(Sessions.spark(), model, "here"))
        .hasMessageContaining("golden row 2 as when it was stored: it is dropped.");
  }

  @Test
  void refusesAFileThatItCannotRead() {
    assertThatThrownBy(() -> GoldenRows.of(bytes("{\"format\":9}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot read golden.json: expected format 1, found 9. Use the version of Millrace that"
                + " wrote it, or train the model again");
    assertThatThrownBy(() -> GoldenRows.of(bytes("no")))
        .hasMessage("Cannot read golden.json: it has no golden rows. Train the model again");
  }

  private static void checked(double found, double expected) {
    Row row = RowFactory.create(found, 0.0, Vectors.dense(expected, 0.0));
    new GoldenRows(INPUTS, OUTPUTS, List.of(row))
        .check(Sessions.spark(), assembler("a", "b"), "here");
  }

  private static void keeps(String type, Object value) {
    Object again = Objects.requireNonNull(again(type, value));
    assertThat(again).as(type).isEqualTo(value).hasSameClassAs(value);
    if (value instanceof Double number) {
      assertThat(Double.doubleToLongBits((double) again))
          .isEqualTo(Double.doubleToLongBits(number));
    }
  }

  private static @Nullable Object again(String type, @Nullable Object value) {
    List<Manifest.Field> inputs = List.of(new Manifest.Field("x", type, 0));
    GoldenRows golden =
        new GoldenRows(
            inputs, List.of(), List.of(RowFactory.create(new @Nullable Object[] {value})));
    return GoldenRows.of(golden.json()).rows().get(0).get(0);
  }

  private static Dataset<Row> rows() {
    return Sessions.spark()
        .sql("select * from values (1D, 0.5D), (null, 2D), (3D, 4D) as t(a, b)")
        .coalesce(1);
  }

  private static PipelineModel assembler(String... columns) {
    return assembler(new VectorAssembler().setHandleInvalid("keep"), columns);
  }

  private static PipelineModel assembler(VectorAssembler assembler, String... columns) {
    PipelineStage[] stages = {assembler.setInputCols(columns).setOutputCol("v")};
    return new Pipeline().setStages(Arrays.copyOf(stages, 1)).fit(rows());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
