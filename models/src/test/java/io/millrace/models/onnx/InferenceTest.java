package io.millrace.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.models.compiled.RowFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InferenceTest {
  private static final String PLACE = "inference";
  private static final int ROWS = 2000;

  @AfterEach
  void nothingStaysOpen() {
    Sessions.leave(PLACE);
    assertThat(Sessions.open(PLACE)).isZero();
  }

  @Test
  void givesWhatTheFormulaOfALogisticRegressionGives() {
    Random random = new Random(1);
    try (Inference model = open(OnnxModels.logistic(0.5f))) {
      for (int i = 0; i < ROWS; i++) {
        float hour = random.nextInt(24);
        float dwell = random.nextFloat() * 1000;
        model.number(0, hour);
        model.number(1, dwell);
        assertThat((Double) model.run()[0])
            .isCloseTo(OnnxModels.logistic(0.5f, hour, dwell), within(1e-6));
      }
    }
  }

  @Test
  void givesWhatTreesGive() {
    Random random = new Random(2);
    try (Inference model = open(OnnxModels.trees())) {
      for (int i = 0; i < ROWS; i++) {
        float hour = random.nextInt(24);
        float dwell = random.nextInt(10) == 0 ? Float.NaN : random.nextFloat() * 1000;
        double[] expected = OnnxModels.trees(hour, dwell);
        model.number(0, hour);
        model.number(1, dwell);
        Object[] given = model.run();
        assertThat(given[0]).isEqualTo(expected[1] > expected[0] ? 1L : 0L);
        assertThat((double[]) given[1]).containsExactly(expected, within(1e-6));
      }
    }
  }

  @Test
  void takesAnInputOfEachTypeAndGivesTexts() {
    Random random = new Random(3);
    List<String> devices = List.of("phone", "desktop", "tablet", "über");
    try (Inference model = open(OnnxModels.columns())) {
      assertThat(List.of(model.kind(0), model.kind(1), model.kind(2)))
          .containsExactly(Tensor.Kind.STRING, Tensor.Kind.INT64, Tensor.Kind.FLOAT);
      for (int i = 0; i < ROWS; i++) {
        String device = devices.get(random.nextInt(4));
        long hour = random.nextInt(24);
        float dwell = random.nextFloat() * 1000;
        model.text(0, device);
        model.whole(1, hour);
        model.number(2, dwell);
        Object[] given = model.run();
        assertThat((Double) given[0])
            .isCloseTo(OnnxModels.columns(device, hour, dwell), within(1e-6));
        assertThat(given[1]).isEqualTo(hour < 5 ? "night" : hour == 5 ? "früh" : "day");
      }
    }
  }

  @Test
  void takesAndGivesEveryType() {
    for (int type :
        new int[] {
          OnnxGraph.FLOAT,
          OnnxGraph.DOUBLE,
          OnnxGraph.INT32,
          OnnxGraph.INT64,
          OnnxGraph.BOOLEAN,
          OnnxGraph.STRING
        }) {
      byte[] same =
          new OnnxGraph()
              .node(OnnxGraph.Node.of("", "Identity", "x", "y"))
              .input("x", type, OnnxGraph.ROWS)
              .output("y", type, OnnxGraph.ROWS)
              .bytes();
      try (Inference model = open(same)) {
        for (int value : new int[] {1, 0, 1}) {
          Object expected =
              switch (model.kind(0)) {
                case FLOAT, DOUBLE -> (double) value;
                case INT32 -> value;
                case INT64 -> (long) value;
                case BOOLEAN -> value == 1;
                case STRING -> "value " + value;
              };
          switch (model.kind(0)) {
            case FLOAT, DOUBLE -> model.number(0, value);
            case INT32, INT64, BOOLEAN -> model.whole(0, value);
            case STRING -> model.text(0, "value " + value);
          }
          assertThat(model.run()).containsExactly(expected);
        }
      }
      Sessions.leave(PLACE);
    }
  }

  @Test
  void refusesARowThatTheModelStopsAt() {
    byte[] gather =
        new OnnxGraph()
            .node(OnnxGraph.Node.of("", "Gather", "table place", "y"))
            .weights("table", new long[] {2}, 7, 8)
            .input("place", OnnxGraph.INT64, OnnxGraph.ROWS)
            .output("y", OnnxGraph.FLOAT, OnnxGraph.ROWS)
            .bytes();
    try (Inference model = open(gather)) {
      model.whole(0, 2);
      assertThatThrownBy(model::run)
          .isInstanceOf(RowFault.class)
          .hasMessageStartingWith("The model stops at the row: ")
          .hasMessageContaining("out of data bounds");
      model.whole(0, 1);
      assertThat(model.run()).containsExactly(8.0);
    }
  }

  @Test
  void refusesAnOutputOfAnotherSize() {
    Signature told = Inspection.of(OnnxModels.trees(), 0, List.of("probabilities"));
    Tensor three = new Tensor("probabilities", Tensor.Kind.FLOAT, 2, 3);
    try (Inference model =
        Inference.open(new Sessions.Key(PLACE, "v1"), told, List.of(three), OnnxModels::trees)) {
      assertThat(model.sizes()).containsExactly(2);
      assertThatThrownBy(model::run)
          .hasMessage("The model gives 2 values for probabilities, which has 3 by its manifest");
    }
  }

  @Test
  void threadsShareOneSession() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Double>> work = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        float hour = i;
        work.add(() -> sum(hour));
      }
      List<Future<Double>> sums = threads.invokeAll(work);
      for (int i = 0; i < 4; i++) {
        assertThat(sums.get(i).get()).isCloseTo(500 * OnnxModels.logistic(0, i, 300), within(1e-3));
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(Sessions.open(PLACE)).isEqualTo(1);
  }

  private static double sum(float hour) {
    double sum = 0;
    try (Inference model = open(OnnxModels.logistic(0))) {
      for (int i = 0; i < 500; i++) {
        model.number(0, hour);
        model.number(1, 300);
        sum += (Double) model.run()[0];
      }
    }
    return sum;
  }

  private static Inference open(byte[] model) {
    Signature signature = Inspection.of(model, 0, List.of());
    return Inference.open(
        new Sessions.Key(PLACE, "v1"), signature, signature.outputs(), () -> model);
  }
}
