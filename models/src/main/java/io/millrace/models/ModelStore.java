package io.millrace.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.apache.spark.ml.PipelineModel;

/**
 * A folder with the versions of one model, on any file system: {@code <version>/model} with Spark's
 * own files, or {@code <version>/model.onnx}, {@code <version>/manifest.json}, other files of the
 * version, and the file {@code current}, which names the version in use and those before it. A
 * version has a manifest only once all its files are there, and becomes current only after that.
 * The names of versions sort by the time at which they were stored, and no two are alike, so many
 * may store at once.
 *
 * <p>The manifest has the hash of every file of its version, and {@code current} that of the
 * manifest, so a file that was damaged, half copied or exchanged is noticed, also by somebody who
 * may write in the folders of versions but not {@code current}. Who may write {@code current} as
 * well can put a whole version of his own there: only the classes that it may name, and the rights
 * on the folder, hold him. A version that is opened by its own folder is held to its manifest
 * alone.
 */
public final class ModelStore {
  static final String MANIFEST = "manifest.json";
  static final String MODEL = "model";

  /** The file of an ONNX model, which is there in place of Spark's own. */
  static final String ONNX = "model.onnx";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern OWN = Pattern.compile("[0-9]{8}T[0-9]{9}Z(?:-[0-9a-f]{8})?");
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private final Storage storage;
  private final Pointer pointer;

  private ModelStore(Storage storage) {
    this.storage = storage;
    this.pointer = new Pointer(storage);
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
   * @throws IllegalStateException with a sentence, if its manifest is not what was stored
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

  /** Where it is. */
  public String uri() {
    return storage.uri();
  }

  /** The name of the version in use. */
  public Optional<String> current() {
    return inUse().stream().findFirst();
  }

  /** The names of the version in use, if any, and of those before it, the latest first. */
  public List<String> inUse() {
    return pointer.lines().stream().map(Pointer.Line::version).toList();
  }

  /**
   * The names of all versions, the oldest first, also of those that were not stored completely.
   *
   * @throws IllegalArgumentException with a sentence, if the folder is that of one version
   */
  public List<String> versions() {
    if (storage.exists(MANIFEST)) {
      throw new IllegalArgumentException(
          "Cannot list versions in "
              + storage.uri()
              + ": that is one version itself. Name the folder that it is in");
    }
    try {
      return storage.folders().stream()
          .filter(Pointer::named)
          .filter(name -> OWN.matcher(name).matches() || complete(name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list the versions in " + storage.uri(), e);
    }
  }

  /** Whether a version was stored completely. */
  public boolean complete(String version) {
    return folder(version).exists(MANIFEST);
  }

  /**
   * A version of the store.
   *
   * @throws IllegalArgumentException with a sentence, if it is not there or not complete
   * @throws IllegalStateException with a sentence, if it is or was current and its manifest is not
   *     what it was then
   */
  public StoredModel version(String version) {
    Storage folder = folder(version);
    if (!folder.exists(MANIFEST)) {
      throw new IllegalArgumentException(
          "Cannot use version "
              + version
              + " of "
              + storage.uri()
              + ": it has no manifest, so it was never stored completely. Train the model again");
    }
    StoredModel stored = StoredModel.in(folder);
    if (!stored.manifest().version().equals(version)) {
      throw new IllegalStateException(
          "Cannot use version "
              + version
              + " of "
              + storage.uri()
              + ": its manifest is that of version "
              + stored.manifest().version()
              + ". Restore it, or train the model again");
    }
    checkSeal(stored);
    return stored;
  }

  /**
   * Stores a model as a new version and makes it the current one.
   *
   * @param extras other files of the version, by their names in its folder, such as {@code
   *     plots/roc.png}
   * @param manifest of the version's name and the sha256 of its files
   */
  StoredModel add(
      PipelineModel model,
      Map<String, byte[]> extras,
      BiFunction<String, Map<String, String>, Manifest> manifest) {
    StoredModel stored = write(model, extras, manifest);
    point(stored);
    return stored;
  }

  /** As {@link #add}, but leaves the current version as it is. */
  StoredModel write(
      PipelineModel model,
      Map<String, byte[]> extras,
      BiFunction<String, Map<String, String>, Manifest> manifest) {
    return write(name(), model, extras, manifest);
  }

  /** The same as the version of this {@link #name}, of which there is nothing yet. */
  StoredModel write(
      String version,
      PipelineModel model,
      Map<String, byte[]> extras,
      BiFunction<String, Map<String, String>, Manifest> manifest) {
    return write(
        version, folder -> model.write().save(folder.below(MODEL).uri()), extras, manifest);
  }

  /** Stores files that are a model without Spark, and leaves the current version as it is. */
  StoredModel write(
      Map<String, byte[]> files, BiFunction<String, Map<String, String>, Manifest> manifest) {
    return write(name(), folder -> {}, files, manifest);
  }

  private interface Saving {
    void into(Storage folder) throws IOException;
  }

  private StoredModel write(
      String version,
      Saving model,
      Map<String, byte[]> extras,
      BiFunction<String, Map<String, String>, Manifest> manifest) {
    Storage folder = storage.below(version);
    try {
      model.into(folder);
      for (Map.Entry<String, byte[]> extra : extras.entrySet()) {
        folder.replace(extra.getKey(), extra.getValue());
      }
      folder.replace(MANIFEST, manifest.apply(version, Hashes.of(folder)).json());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot store the model in " + folder.uri(), e);
    }
    return version(version);
  }

  /**
   * Makes a version the current one, once every file of it has proven to be what was stored.
   *
   * @throws IllegalArgumentException with a sentence, if it is not there or not complete
   * @throws IllegalStateException with a sentence, if a file of it is not what was stored
   */
  public StoredModel promote(String version) {
    StoredModel stored = version(version);
    stored.verify();
    point(stored);
    return stored;
  }

  /**
   * Makes the version current that was in use before the current one, once it has proven to be what
   * was stored. Again, it goes back further.
   *
   * @throws IllegalArgumentException with a sentence, if there was none
   * @throws IllegalStateException with a sentence, if a file of it is not what was stored
   */
  public StoredModel rollback() {
    List<Pointer.Line> lines = pointer.lines();
    if (lines.size() < 2) {
      throw new IllegalArgumentException(
          "Cannot go back in "
              + storage.uri()
              + ": no version was current before"
              + (lines.isEmpty() ? "" : " " + lines.get(0).version())
              + ". Choose one with millrace models promote");
    }
    StoredModel stored = version(lines.get(1).version());
    stored.verify();
    pointer.write(lines.subList(1, lines.size()));
    return stored;
  }

  /**
   * Removes versions, but for the current one, from those before it too. Each is complete until all
   * else of it is gone.
   */
  void remove(Set<String> versions) {
    Set<String> old = new TreeSet<>(versions);
    current().ifPresent(old::remove);
    pointer.forget(old);
    try {
      for (String version : old) {
        Storage folder = folder(version);
        folder.remove(MODEL);
        for (String file : folder.names()) {
          if (!file.equals(MANIFEST)) {
            folder.remove(file);
          }
        }
        storage.remove(version);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove old versions from " + storage.uri(), e);
    }
  }

  /** Makes a version current whose files were written by now. */
  void point(StoredModel stored) {
    pointer.push(new Pointer.Line(stored.manifest().version(), stored.seal()));
  }

  private void checkSeal(StoredModel stored) {
    String version = stored.manifest().version();
    Optional<String> sealed =
        pointer.lines().stream()
            .filter(line -> line.version().equals(version) && line.manifest() != null)
            .map(Pointer.Line::manifest)
            .findFirst();
    if (sealed.isPresent() && !sealed.get().equals(stored.seal())) {
      throw new IllegalStateException(
          "Cannot use version "
              + version
              + " of "
              + storage.uri()
              + ": its manifest is not what it was when it became current, its sha256 differs."
              + " Restore it, or train the model again");
    }
  }

  /** A name for a version: of the time, and random where two store at once. */
  static String name() {
    byte[] random = new byte[4];
    RANDOM.nextBytes(random);
    return NAME.format(Instant.now()) + "-" + HexFormat.of().formatHex(random);
  }

  private Storage folder(String version) {
    if (!Pointer.named(version)) {
      throw new IllegalArgumentException(
          "Cannot use the version '" + version + "' of " + storage.uri() + ": that is no name");
    }
    return storage.below(version);
  }
}
