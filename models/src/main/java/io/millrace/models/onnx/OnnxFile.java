package io.millrace.models.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a file with an ONNX model says, read without ONNX Runtime.
 *
 * @param producer what wrote it, such as {@code skl2onnx 1.19.1}
 * @param operators of its graph in order, such as {@code ai.onnx.ml.TreeEnsembleClassifier}
 */
public record OnnxFile(String producer, List<String> operators) {
  /** Bytes that a file may have: it is held in memory, there and on every executor. */
  public static final int MOST = 512 << 20;

  /** As deep as Protocol Buffers go. */
  private static final int DEEPEST = 100;

  /** The operators of the standard. Those of others come from libraries, or read files. */
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml");

  private static final int EXTERNAL_DATA = 13;
  private static final int DATA_LOCATION = 14;

  public OnnxFile {
    operators = List.copyOf(operators);
  }

  /**
   * What a model says that consists of one file, and of operators of the standard.
   *
   * @throws IllegalArgumentException with a sentence, if it is none, names other files or has other
   *     operators
   */
  public static OnnxFile of(byte[] model) {
    if (model.length > MOST) {
      throw new IllegalArgumentException(
          "Cannot use a model of "
              + model.length
              + " bytes: at most "
              + MOST
              + " are read. Export a smaller one");
    }
    Reading reading = new Reading();
    reading.model(new Wire(model));
    return reading.told();
  }

  /** One walk through all messages that may hold tensors or operators. */
  private static final class Reading {
    private final List<String> operators = new ArrayList<>();
    private String name = "";
    private String version = "";
    private boolean graph;

    OnnxFile told() {
      if (!graph) {
        throw new IllegalArgumentException(
            "Cannot read the model: it is no ONNX file, as it has no graph");
      }
      return new OnnxFile((name + " " + version).strip(), operators);
    }

    void model(Wire model) {
      while (model.next()) {
        switch (model.field()) {
          case 2 -> name = model.text();
          case 3 -> version = model.text();
          case 7 -> {
            graph = true;
            graph(model.message(), 1);
          }
          case 20 -> training(model.message());
          case 25 -> function(model.message());
          default -> {}
        }
      }
    }

    private void training(Wire training) {
      while (training.next()) {
        if (training.field() == 1 || training.field() == 2) {
          graph(training.message(), 1);
        }
      }
    }

    private void function(Wire function) {
      while (function.next()) {
        switch (function.field()) {
          case 7 -> node(function.message(), 1);
          case 11 -> attribute(function.message(), 1);
          default -> {}
        }
      }
    }

    private void graph(Wire graph, int depth) {
      if (depth > DEEPEST) {
        throw new IllegalArgumentException(
            "Cannot read the model: its graphs are nested more than " + DEEPEST + " deep");
      }
      while (graph.next()) {
        switch (graph.field()) {
          case 1 -> node(graph.message(), depth);
          case 5 -> tensor(graph.message());
          case 15 -> sparse(graph.message());
          default -> {}
        }
      }
    }

    private void node(Wire node, int depth) {
      String operator = "";
      String domain = "";
      while (node.next()) {
        switch (node.field()) {
          case 4 -> operator = node.text();
          case 5 -> attribute(node.message(), depth);
          case 7 -> domain = node.text();
          default -> {}
        }
      }
      if (!DOMAINS.contains(domain)) {
        throw new IllegalArgumentException(
            "Cannot use the operator "
                + domain
                + "."
                + operator
                + ": only those of ai.onnx and ai.onnx.ml are run. Export the model without it");
      }
      operators.add((domain.isEmpty() ? "ai.onnx" : domain) + "." + operator);
    }

    private void attribute(Wire attribute, int depth) {
      while (attribute.next()) {
        switch (attribute.field()) {
          case 5, 10 -> tensor(attribute.message());
          case 6, 11 -> graph(attribute.message(), depth + 1);
          case 22, 23 -> sparse(attribute.message());
          default -> {}
        }
      }
    }

    private void sparse(Wire sparse) {
      while (sparse.next()) {
        if (sparse.field() == 1 || sparse.field() == 2) {
          tensor(sparse.message());
        }
      }
    }

    private void tensor(Wire tensor) {
      while (tensor.next()) {
        if (tensor.field() == EXTERNAL_DATA
            || (tensor.field() == DATA_LOCATION && tensor.number() != 0)) {
          throw new IllegalArgumentException(
              "Cannot use a model with data in other files: it could read any file. Save it as"
                  + " one file, as onnx.save_model does with save_as_external_data=False");
        }
      }
    }
  }
}
