package io.millrace.models.onnx;

import static io.millrace.models.onnx.OnnxGraph.FLOAT;
import static io.millrace.models.onnx.OnnxGraph.INT64;
import static io.millrace.models.onnx.OnnxGraph.ROWS;
import static io.millrace.models.onnx.OnnxGraph.STRING;

import io.millrace.models.onnx.OnnxGraph.Node;

/** Models in the forms in which others export them, and what they compute. */
public final class OnnxModels {
  static final String ML = "ai.onnx.ml";

  private OnnxModels() {}

  /** One input of two columns, hour and dwell_ms: a logistic regression. */
  public static byte[] logistic(float bias) {
    return logisticGraph(bias).bytes();
  }

  static OnnxGraph logisticGraph(float bias) {
    return new OnnxGraph()
        .node(Node.of("", "MatMul", "float_input weights", "product"))
        .node(Node.of("", "Add", "product bias", "margin"))
        .node(Node.of("", "Sigmoid", "margin", "probability"))
        .weights("weights", new long[] {2, 1}, 0.05f, -0.004f)
        .weights("bias", new long[] {1}, bias)
        .input("float_input", FLOAT, ROWS, 2)
        .output("probability", FLOAT, ROWS, 1);
  }

  /** What {@link #logistic} computes. */
  public static double logistic(float bias, float hour, float dwell) {
    return (float) (1 / (1 + Math.exp(-(hour * 0.05f + dwell * -0.004f + bias))));
  }

  /** One input of two columns: two trees that vote, with a label and two probabilities. */
  public static byte[] trees() {
    return new OnnxGraph()
        .node(treesNode("probabilities"))
        .node(
            Node.of("", "ArgMax", "probabilities", "label").number("axis", 1).number("keepdims", 0))
        .input("float_input", FLOAT, ROWS, 2)
        .output("label", INT64, ROWS)
        .output("probabilities", FLOAT, ROWS, 2)
        .bytes();
  }

  /** One input of as many columns as nobody says, and as many outputs: the same with a minus. */
  public static byte[] vague() {
    return new OnnxGraph()
        .node(Node.of("", "Neg", "float_input", "negative"))
        .input("float_input", FLOAT, ROWS, ROWS)
        .output("negative", FLOAT, ROWS, ROWS)
        .bytes();
  }

  /** As {@link #trees}, with the probabilities as scikit-learn gives them by default. */
  static byte[] maps() {
    return new OnnxGraph()
        .node(treesNode("scores"))
        .node(
            Node.of(ML, "ZipMap", "scores", "output_probability")
                .numbers("classlabels_int64s", 0, 1))
        .input("float_input", FLOAT, ROWS, 2)
        .output("vote", INT64, ROWS)
        .outputOfMaps("output_probability")
        .bytes();
  }

  /** Where dwell_ms is missing, the second tree goes to the right. */
  private static Node treesNode(String probabilities) {
    return Node.of(ML, "TreeEnsembleClassifier", "float_input", "vote " + probabilities)
        .numbers("nodes_treeids", 0, 0, 0, 1, 1, 1)
        .numbers("nodes_nodeids", 0, 1, 2, 0, 1, 2)
        .numbers("nodes_featureids", 0, 0, 0, 1, 0, 0)
        .texts("nodes_modes", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF")
        .reals("nodes_values", 11.5f, 0, 0, 400, 0, 0)
        .numbers("nodes_truenodeids", 1, 0, 0, 1, 0, 0)
        .numbers("nodes_falsenodeids", 2, 0, 0, 2, 0, 0)
        .numbers("nodes_missing_value_tracks_true", 0, 0, 0, 0, 0, 0)
        .numbers("class_treeids", 0, 0, 0, 0, 1, 1, 1, 1)
        .numbers("class_nodeids", 1, 1, 2, 2, 1, 1, 2, 2)
        .numbers("class_ids", 0, 1, 0, 1, 0, 1, 0, 1)
        .reals("class_weights", 0.4f, 0.1f, 0.15f, 0.35f, 0.05f, 0.45f, 0.3f, 0.2f)
        .numbers("classlabels_int64s", 0, 1)
        .text("post_transform", "NONE");
  }

  /** What {@link #trees} computes. */
  public static double[] trees(float hour, float dwell) {
    boolean early = hour <= 11.5f;
    boolean quick = dwell <= 400;
    return new double[] {
      (early ? 0.4f : 0.15f) + (quick ? 0.05f : 0.3f),
      (early ? 0.1f : 0.35f) + (quick ? 0.45f : 0.2f)
    };
  }

  /** An input for each of device, hour and dwell_ms, of three types; a number and a text. */
  public static byte[] columns() {
    return new OnnxGraph()
        .node(
            Node.of(ML, "LabelEncoder", "device", "device_weight")
                .texts("keys_strings", "phone", "desktop")
                .reals("values_floats", 0.5f, -0.25f))
        .node(Node.of("", "Cast", "hour", "hour_float").number("to", FLOAT))
        .node(Node.of("", "Concat", "device_weight hour_float dwell_ms", "all").number("axis", 1))
        .node(Node.of("", "Gemm", "all weights bias", "margin"))
        .node(Node.of("", "Sigmoid", "margin", "score"))
        .node(
            Node.of(ML, "LabelEncoder", "hour", "shift")
                .numbers("keys_int64s", 0, 1, 2, 3, 4, 5)
                .texts("values_strings", "night", "night", "night", "night", "night", "früh")
                .text("default_string", "day"))
        .weights("weights", new long[] {3, 1}, 1, 0.02f, -0.003f)
        .weights("bias", new long[] {1}, 0.75f)
        .input("device", STRING, ROWS, 1)
        .input("hour", INT64, ROWS, 1)
        .input("dwell_ms", FLOAT, ROWS, 1)
        .output("score", FLOAT, ROWS, 1)
        .output("shift", STRING, ROWS, 1)
        .bytes();
  }

  /** What {@link #columns} computes; an unknown device counts as nothing. */
  public static double columns(String device, long hour, float dwell) {
    float weight =
        switch (device) {
          case "phone" -> 0.5f;
          case "desktop" -> -0.25f;
          default -> -0.0f;
        };
    return (float) (1 / (1 + Math.exp(-(weight + hour * 0.02f + dwell * -0.003f + 0.75f))));
  }
}
