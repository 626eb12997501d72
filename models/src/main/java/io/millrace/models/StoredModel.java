package io.millrace.models;

import io.millrace.engine.spi.Causes;
import io.millrace.models.onnx.OnnxFile;
import io.millrace.models.onnx.OnnxLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

  /** The model, where it has stages of Spark's only: {@link #load(SparkSession, Set)}. */
  public PipelineModel load(SparkSession spark) {
    return load(spark, Set.of());
  }

  /**
   * The model, once every file of it has proven to be what was stored, and no class is named in
   * them that may not be; only then are these classes initialised. At last it has to score its
   * golden rows, if it has any, as it did when it was stored. Files that are exchanged between this
   * check and Spark's reading are not noticed: the folder must be safe while it is loaded.
   *
   * @param allowed names of classes that it may name beside Spark's own stages
   * @throws IllegalStateException with a sentence that names the file, the class or the row
   */
  public PipelineModel load(SparkSession spark, Set<String> allowed) {
    if (manifest.onnx() != null) {
      throw new IllegalStateException(
          "Cannot load the model at "
              + path
              + " as a pipeline of Spark's: it is an ONNX model. Score by it in a job");
    }
    verify();
    Artefact artefact = new Artefact(folder().below(ModelStore.MODEL));
    artefact.check(new KnownClasses(allowed));
    checkStages(artefact.stages().stream().map(StageText::className).toList());
    PipelineModel model = PipelineModel.read().session(spark).load(artefact.folder().uri());
    golden().ifPresent(rows -> rows.check(spark, model, path));
    return model;
  }

  /**
   * The file of an ONNX model, once every file of the version has proven to be what was stored, and
   * this one to be a model that reaches for nothing else. Then it has to score its golden rows, if
   * it has any, as it did when it was stored.
   *
   * @throws IllegalStateException with a sentence that names the file, the operator or the row
   */
  byte[] onnx() {
    verify();
    byte[] model = folder().read(ModelStore.ONNX, OnnxFile.MOST);
    if (!Hashes.of(model).equals(manifest.files().get(ModelStore.ONNX))) {
      throw tampered(ModelStore.ONNX, "is not what was stored, its sha256 differs");
    }
    Onnx onnx = Objects.requireNonNull(manifest.onnx());
    OnnxLibrary.check();
    check(onnx, model);
    try (OnnxTrial trial = new OnnxTrial(onnx.signature(), onnx.features(manifest), model)) {
      golden().ifPresent(rows -> trial.check(rows, path));
    }
    return model;
  }

  private void check(Onnx onnx, byte[] model) {
    try {
      checkStages(OnnxFile.of(model).operators());
      onnx.check(manifest, model);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "Cannot load the model at " + path + ": " + Causes.clause(e) + ", or add the model again",
          e);
    }
  }

  /** Names and bytes of the files in its folder. */
  SortedMap<String, Long> files() {
    try {
      return folder().files();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the files of " + path, e);
    }
  }

  /** The stages, by what its files say. Nothing that they name is initialised. */
  List<StageText> stages() {
    return new Artefact(folder().below(ModelStore.MODEL)).stages();
  }

  /** The rows that the model has to score as it did when it was stored. */
  Optional<GoldenRows> golden() {
    return manifest.files().containsKey(GoldenRows.NAME)
        ? Optional.of(GoldenRows.of(folder().read(GoldenRows.NAME, GoldenRows.MOST)))
        : Optional.empty();
  }

  /**
   * How the values looked that it learned from; empty where that was not stored with it.
   *
   * @throws IllegalStateException with a sentence, if the file is not what was stored
   */
  public Optional<Profile> profile() {
    String hash = manifest.files().get(Profile.FILE);
    if (hash == null) {
      return Optional.empty();
    }
    byte[] json = folder().read(Profile.FILE, Profile.MOST);
    if (!Hashes.of(json).equals(hash)) {
      throw tampered(Profile.FILE, "is not what was stored, its sha256 differs");
    }
    return Optional.of(Profile.of(json, path + "/" + Profile.FILE));
  }

  private void checkStages(List<String> found) {
    if (manifest.format() > 1 && !found.equals(manifest.stages())) {
      throw new IllegalStateException(
          "Cannot load the model at "
              + path
              + ": its manifest has the stages "
              + manifest.stages()
              + ", and its files have "
              + found
              + ". Restore it, or train the model again");
    }
  }

  private Storage folder() {
    return Storage.of(path);
  }

  /**
   * Checks that the version's folder holds what was stored and nothing else.
   *
   * @throws IllegalStateException naming the file that has changed, is missing or was added
   */
  public void verify() {
    Storage folder = folder();
    try {
      checkNames(files());
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
