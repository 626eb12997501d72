package io.millrace.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.apache.spark.ml.PipelineModel;

/**
 * A folder with the versions of one model, on any file system: {@code <version>/model}, {@code
 * <version>/manifest.json}, and the file {@code current} with the name of the version in use. A
 * version has a manifest only once all its files are there, and becomes current only after that.
 */
public final class ModelStore {
  static final String MANIFEST = "manifest.json";
  static final String MODEL = "model";
  private static final String CURRENT = "current";
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private final Storage storage;

  private ModelStore(Storage storage) {
    this.storage = storage;
  }

  /** The store in a folder, which need not be there yet. */
  public static ModelStore at(String folder) {
    return new ModelStore(Storage.of(folder));
  }

  /**
   * The model in a folder: the current version of a store, or one version itself. Reads the
   * manifest only, and needs no Spark session.
   *
   * @throws IllegalArgumentException with a sentence, if there is none
   */
  public static StoredModel open(String folder) {
    Storage storage = Storage.of(folder);
    if (storage.exists(MANIFEST)) {
      return StoredModel.in(storage);
    }
    ModelStore store = new ModelStore(storage);
    String version =
        store
            .current()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Cannot find a model at "
                            + folder
                            + ": there is no current version. Train one with millrace train FILE"));
    return store.version(version);
  }

  /** The name of the version in use. */
  public Optional<String> current() {
    if (!storage.exists(CURRENT)) {
      return Optional.empty();
    }
    return Optional.of(checked(new String(storage.read(CURRENT), StandardCharsets.UTF_8).strip()));
  }

  /**
   * A version of the store.
   *
   * @throws IllegalArgumentException with a sentence, if it is not there or not complete
   */
  public StoredModel version(String version) {
    Storage folder = storage.below(checked(version));
    if (!folder.exists(MANIFEST)) {
      throw new IllegalArgumentException(
          "Cannot use version "
              + version
              + " of "
              + storage.uri()
              + ": it has no manifest, so it was never stored completely. Train the model again");
    }
    return StoredModel.in(folder);
  }

  /**
   * Stores a model as a new version and makes it the current one.
   *
   * @param manifest of the version's name and the sha256 of its files
   */
  StoredModel add(
      PipelineModel model, BiFunction<String, java.util.Map<String, String>, Manifest> manifest) {
    StoredModel stored = write(model, manifest);
    point(stored.manifest().version());
    return stored;
  }

  /** Stores a model as a new version and leaves the current one as it is. */
  StoredModel write(
      PipelineModel model, BiFunction<String, java.util.Map<String, String>, Manifest> manifest) {
    String version = NAME.format(Instant.now());
    Storage folder = storage.below(version);
    Storage files = folder.below(MODEL);
    try {
      model.write().save(files.uri());
      folder.replace(MANIFEST, manifest.apply(version, Hashes.of(files)).json());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot store the model in " + folder.uri(), e);
    }
    return version(version);
  }

  /** Makes a complete version the current one. */
  void point(String version) {
    String name = version(version).manifest().version();
    try {
      storage.replace(CURRENT, (name + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make " + name + " current in " + storage.uri(), e);
    }
  }

  private String checked(String version) {
    if (!VERSION.matcher(version).matches()) {
      throw new IllegalArgumentException(
          "Cannot use the version '" + version + "' of " + storage.uri() + ": that is no name");
    }
    return version;
  }
}
