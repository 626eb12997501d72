package io.millrace.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.millrace.models.compiled.RowFault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A model at work on one row after the other, for one thread: the values of a row are put into
 * their places, counted over all inputs, and then {@link #run} gives the outputs.
 */
public final class Inference implements AutoCloseable {
  private final Sessions.Lease lease;
  private final List<Feed> inputs;
  private final List<Tensor> outputs;
  private final Set<String> wanted = new LinkedHashSet<>();
  private final Map<String, OnnxTensor> given = new LinkedHashMap<>();
  private final Feed[] feeds;
  private final int[] places;

  private Inference(Sessions.Lease lease, List<Feed> inputs, List<Tensor> outputs) {
    this.lease = lease;
    this.inputs = inputs;
    this.outputs = outputs;
    outputs.forEach(output -> wanted.add(output.name()));
    List<Feed> all = new ArrayList<>();
    List<Integer> within = new ArrayList<>();
    for (Feed feed : inputs) {
      for (int place = 0; place < feed.tensor().size(); place++) {
        all.add(feed);
        within.add(place);
      }
    }
    this.feeds = all.toArray(Feed[]::new);
    this.places = within.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * A model at work, in a session that others share.
   *
   * @param outputs those of the signature that are wanted
   * @param model its file, for the first who needs it
   */
  public static Inference open(
      Sessions.Key key, Signature signature, List<Tensor> outputs, Supplier<byte[]> model) {
    Sessions.Lease lease = Sessions.all().lend(key, model);
    List<Feed> feeds = new ArrayList<>();
    try {
      OrtEnvironment environment = OnnxRuntime.environment();
      for (Tensor input : signature.inputs()) {
        feeds.add(Feed.of(environment, input));
      }
      return new Inference(lease, feeds, outputs);
    } catch (OrtException e) {
      feeds.forEach(Feed::close);
      lease.close();
      throw new IllegalStateException(
          "Cannot make inputs for the model: " + OnnxRuntime.clause(e), e);
    }
  }

  /** What the value in a place has to be. */
  public Tensor.Kind kind(int place) {
    return feeds[place].tensor().kind();
  }

  /** Puts a number into a place of {@link Tensor.Kind#FLOAT} or {@link Tensor.Kind#DOUBLE}. */
  public void number(int place, double number) {
    feeds[place].number(places[place], number);
  }

  /** Puts a whole number, or 1 and 0 for a boolean, into a place for such. */
  public void whole(int place, long number) {
    feeds[place].whole(places[place], number);
  }

  /** Puts a text into a place for texts. */
  public void text(int place, String text) {
    feeds[place].text(places[place], text);
  }

  /**
   * What the model makes of the values, one for each output: a Double, Long, Integer, Boolean,
   * String, or a double[].
   *
   * @throws RowFault if it cannot take them
   */
  public Object[] run() {
    Object[] values = new Object[outputs.size()];
    run((i, tensor) -> values[i] = value(outputs.get(i), tensor));
    return values;
  }

  /**
   * How many values the model gives for each output.
   *
   * @throws RowFault if it cannot take the row
   */
  public int[] sizes() {
    int[] sizes = new int[outputs.size()];
    run((i, tensor) -> sizes[i] = Math.toIntExact(tensor.getInfo().getNumElements()));
    return sizes;
  }

  /** Looks at an output, which is there no longer once this returns. */
  private interface Look {
    void at(int output, OnnxTensor tensor) throws OrtException;
  }

  private void run(Look look) {
    try {
      for (Feed input : inputs) {
        given.put(input.tensor().name(), input.value());
      }
      try (OrtSession.Result result = lease.session().run(given, wanted)) {
        for (int i = 0; i < outputs.size(); i++) {
          look.at(i, (OnnxTensor) result.get(i));
        }
      }
    } catch (OrtException e) {
      throw new RowFault("The model stops at the row: " + OnnxRuntime.clause(e));
    }
  }

  private static Object value(Tensor output, OnnxTensor tensor) throws OrtException {
    long found = tensor.getInfo().getNumElements();
    if (found != output.size()) {
      throw new RowFault(
          "The model gives "
              + found
              + " values for "
              + output.name()
              + ", which has "
              + output.size()
              + " by its manifest");
    }
    return Values.of(output, tensor);
  }

  @Override
  public void close() {
    inputs.forEach(Feed::close);
    lease.close();
  }
}
