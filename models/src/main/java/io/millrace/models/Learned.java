package io.millrace.models;

import io.millrace.models.online.Errors;
import io.millrace.models.online.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a sink has learned.
 *
 * @param algorithm its name
 * @param features the columns that the state has weights or places of, in their order
 * @param rows that it learned from, those of a stored model that it began with among them
 * @param window what came since the last version
 * @param versions of the store that it made and that are not known to be removed, the oldest first
 * @param release the version of this very state; null where it is between two
 */
record Learned(
    String algorithm,
    List<String> features,
    State state,
    long rows,
    Window window,
    List<String> versions,
    @Nullable Release release) {
  Learned {
    features = List.copyOf(features);
    versions = List.copyOf(versions);
  }

  /**
   * Batches since the last version.
   *
   * @param first the number of the first batch with rows; -1 if there is none
   * @param batches how many had rows
   * @param errors of the model before each batch, of the rows of that batch
   * @param unfit rows that were left out
   */
  record Window(long first, int batches, Errors errors, long unfit) {
    static final Window EMPTY = new Window(-1, 0, Errors.NONE, 0);

    Window unfit(long more) {
      return new Window(first, batches, errors, unfit + more);
    }

    Window batch(long number, Errors more) {
      return new Window(first < 0 ? number : first, batches + 1, errors.plus(more), unfit);
    }
  }

  /**
   * A version, with all that its files hold beside the model.
   *
   * @param created when the batch behind which it comes was learned from, ISO 8601 in UTC
   * @param data the batches that it learned from
   * @param golden the content of its golden rows
   * @param profile the content of its profile
   */
  record Release(
      String version,
      String created,
      String data,
      List<Manifest.Field> inputs,
      List<Manifest.Field> outputs,
      Window window,
      Map<String, Double> metrics,
      String golden,
      String profile) {
    Release {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      metrics = new TreeMap<>(metrics);
    }
  }

  /** The same without a version: a start has published it. */
  Learned published() {
    return new Learned(algorithm, features, state, rows, window, versions, null);
  }

  /** Behind a batch without a row to learn from. */
  Learned unfit(long more) {
    return new Learned(algorithm, features, state, rows, window.unfit(more), versions, null);
  }

  /** Behind a batch. */
  Learned batch(State next, long more, Window longer) {
    return new Learned(algorithm, features, next, rows + more, longer, versions, null);
  }

  /** The same as a version of the store. */
  Learned release(Release next, List<String> before) {
    List<String> all = new ArrayList<>(before);
    all.add(next.version());
    return new Learned(algorithm, features, state, rows, Window.EMPTY, all, next);
  }
}
