package io.millrace.models.onnx;

/**
 * An ONNX model that is written by hand, by the numbers of the fields in {@code onnx.proto}: nodes,
 * weights, inputs and outputs are added in order.
 */
public final class OnnxGraph {
  /** Types of the values of tensors. */
  public static final int FLOAT = 1;

  public static final int INT32 = 6;
  public static final int INT64 = 7;
  public static final int STRING = 8;
  public static final int BOOLEAN = 9;
  public static final int DOUBLE = 11;

  /** Any number of rows. */
  public static final long ROWS = -1;

  private final Message graph = new Message().text(2, "by hand");

  /** The model in a file. */
  public byte[] bytes() {
    return file().bytes();
  }

  private Message file() {
    return new Message()
        .number(1, 8)
        .text(2, "by hand")
        .text(3, "1.0")
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, 15))
        .message(8, new Message().text(1, "ai.onnx.ml").number(2, 3));
  }

  /** Of an operator, and what it is set to. */
  public static final class Node {
    private final Message message = new Message();

    public static Node of(String domain, String operator, String inputs, String outputs) {
      Node node = new Node();
      for (String input : inputs.split(" ", -1)) {
        node.message.text(1, input);
      }
      for (String output : outputs.split(" ", -1)) {
        node.message.text(2, output);
      }
      node.message.text(4, operator).text(7, domain);
      return node;
    }

    private Node attribute(String name, int type, Message value) {
      byte[] header = new Message().text(1, name).number(20, type).bytes();
      byte[] content = value.bytes();
      byte[] all = new byte[header.length + content.length];
      System.arraycopy(header, 0, all, 0, header.length);
      System.arraycopy(content, 0, all, header.length, content.length);
      message.bytes(5, all);
      return this;
    }

    public Node number(String name, long value) {
      return attribute(name, 2, new Message().number(3, value));
    }

    public Node text(String name, String value) {
      return attribute(name, 3, new Message().text(4, value));
    }

    public Node reals(String name, float... values) {
      return attribute(name, 6, new Message().reals(7, values));
    }

    public Node numbers(String name, long... values) {
      return attribute(name, 7, new Message().numbers(8, values));
    }

    public Node texts(String name, String... values) {
      Message all = new Message();
      for (String value : values) {
        all.text(9, value);
      }
      return attribute(name, 8, all);
    }
  }

  public OnnxGraph node(Node node) {
    graph.message(1, node.message);
    return this;
  }

  public OnnxGraph weights(String name, long[] shape, float... values) {
    graph.message(
        5, new Message().numbers(1, shape).number(2, FLOAT).reals(4, values).text(8, name));
    return this;
  }

  /** Weights that lie in another file. */
  public OnnxGraph external(String name, long[] shape, String file) {
    graph.message(
        5,
        new Message()
            .numbers(1, shape)
            .number(2, FLOAT)
            .text(8, name)
            .message(13, new Message().text(1, "location").text(2, file))
            .number(14, 1));
    return this;
  }

  public OnnxGraph input(String name, int type, long... shape) {
    graph.message(11, new Message().text(1, name).message(2, tensor(type, shape)));
    return this;
  }

  public OnnxGraph output(String name, int type, long... shape) {
    graph.message(12, new Message().text(1, name).message(2, tensor(type, shape)));
    return this;
  }

  /** An output as a classifier of scikit-learn has it unless it is told otherwise. */
  public OnnxGraph outputOfMaps(String name) {
    Message map = new Message().number(1, INT64).message(2, tensor(FLOAT));
    Message sequence = new Message().message(1, new Message().message(5, map));
    graph.message(12, new Message().text(1, name).message(2, new Message().message(4, sequence)));
    return this;
  }

  private static Message tensor(int type, long... shape) {
    Message dimensions = new Message();
    for (long length : shape) {
      dimensions.message(
          1, length == ROWS ? new Message().text(2, "rows") : new Message().number(1, length));
    }
    return new Message().message(1, new Message().number(1, type).message(2, dimensions));
  }
}
