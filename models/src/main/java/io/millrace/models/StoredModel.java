package io.millrace.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.SparkSession;

/**
 * One complete version of a model.
 *
 * @param path its folder
 * @param seal the sha256 of its manifest
 */
public record StoredModel(String path, Manifest manifest, String seal) {
  /** Bytes that all files of a version together may have. */
  static final long MOST = 4L << 30;

  /** The version in a folder that has a manifest. */
  static StoredModel in(Storage folder) {
    byte[] json = folder.read(ModelStore.MANIFEST, Manifest.MOST);
    String where = folder.uri() + "/" + ModelStore.MANIFEST;
    return new StoredModel(folder.uri(), Manifest.of(json, where), Hashes.of(json));
  }

  /** The model, as {@link #load(SparkSession, java.util.Set)} with Spark's own stages only. */
  public PipelineModel load(SparkSession spark) {
    verify();
    return PipelineModel.read()
        .session(spark)
        .load(Storage.of(path).below(ModelStore.MODEL).uri());
  }

  /**
   * Checks that the version's folder holds what was stored and nothing else.
   *
   * @throws IllegalStateException naming the file that has changed, is missing or was added
   */
  public void verify() {
    Storage folder = Storage.of(path);
    try {
      checkNames(folder.files());
      for (Map.Entry<String, String> file : manifest.files().entrySet()) {
        if (!Hashes.of(folder, file.getKey()).equals(file.getValue())) {
          throw tampered(file.getKey(), "is not what was stored, its sha256 differs");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the files of " + path, e);
    }
  }

  private void checkNames(SortedMap<String, Long> found) {
    TreeSet<String> names = new TreeSet<>(manifest.files().keySet());
    names.addAll(found.keySet());
    names.remove(ModelStore.MANIFEST);
    for (String name : names) {
      if (!found.containsKey(name)) {
        throw tampered(name, "is missing");
      }
      if (!manifest.files().containsKey(name)) {
        throw tampered(name, "was added after it was stored");
      }
    }
    long bytes = found.values().stream().mapToLong(Long::longValue).sum();
    if (bytes > MOST) {
      throw new IllegalStateException(
          "Cannot load the model at "
              + path
              + ": its files have "
              + bytes
              + " bytes, and at most "
              + MOST
              + " are read. Train a smaller one");
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
