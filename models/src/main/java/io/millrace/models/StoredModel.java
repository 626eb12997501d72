package io.millrace.models;

import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.SparkSession;

/**
 * One complete version of a model.
 *
 * @param path its folder
 */
public record StoredModel(String path, Manifest manifest) {
  /** The version in a folder that has a manifest. */
  static StoredModel in(Storage folder) {
    String where = folder.uri() + "/" + ModelStore.MANIFEST;
    return new StoredModel(folder.uri(), Manifest.of(folder.read(ModelStore.MANIFEST), where));
  }

  /**
   * The model, once every file of it has proven to be what was stored.
   *
   * @throws IllegalStateException naming the file that has changed, is missing or was added
   */
  public PipelineModel load(SparkSession spark) {
    Storage files = Storage.of(path).below(ModelStore.MODEL);
    verify(files);
    return PipelineModel.read().session(spark).load(files.uri());
  }

  private void verify(Storage files) {
    Map<String, String> stored = manifest.files();
    Map<String, String> found = Hashes.of(files);
    TreeSet<String> names = new TreeSet<>(stored.keySet());
    names.addAll(found.keySet());
    for (String name : names) {
      if (!found.containsKey(name)) {
        throw tampered(name, "is missing");
      }
      if (!stored.containsKey(name)) {
        throw tampered(name, "was added after it was stored");
      }
      if (!found.get(name).equals(stored.get(name))) {
        throw tampered(name, "is not what was stored, its sha256 differs");
      }
    }
  }

  private IllegalStateException tampered(String file, String what) {
    return new IllegalStateException(
        "Cannot load the model at "
            + path
            + ": the file "
            + file
            + " "
            + what
            + ". Restore it, or train the model again");
  }
}
