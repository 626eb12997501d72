package io.millrace.engine.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The versions of one model in a store, as a person looks at them and moves between them. Starts no
 * Spark session. What cannot be done is an {@link IllegalArgumentException} or {@link
 * IllegalStateException} with a sentence.
 */
public interface ModelVersions {
  /** Where they are. */
  String place();

  /** The names of all, the oldest first, also of those that were not stored completely. */
  List<String> names();

  /** The names of the one in use, if any, and of those in use before it, the latest first. */
  List<String> inUse();

  /** What is known of a version; nothing of one that was not stored completely. */
  Optional<Version> version(String name);

  /** The stages of a version, in order. Its files are held to their hashes first. */
  List<Stage> stages(String name);

  /** Names and bytes of the files of a version. */
  SortedMap<String, Long> files(String name);

  /** Puts a version in use, once each of its files has proven to be what was stored. */
  void promote(String name);

  /**
   * Puts the version in use that was before the one in use now, once it has proven to be what was
   * stored. Again, it goes back further.
   *
   * @return its name
   */
  String rollback();

  /**
   * Stores a model that was made elsewhere as a new version, once it has proven that it can be
   * used. The one in use stays so.
   */
  Version add(Foreign model);

  /**
   * A model that was made elsewhere, as an ONNX file.
   *
   * @param file with it, on this machine
   * @param name of the model; that of the store's folder if it has none
   * @param columns that it reads, in the order of its inputs; the names of the inputs if empty
   * @param outputs its outputs by the names that jobs know them by; all of them, as they are, if
   *     empty
   * @param golden a file of rows that it has to score alike whenever it is loaded
   */
  record Foreign(
      Path file,
      Optional<String> name,
      List<String> columns,
      Map<String, String> outputs,
      Missing missing,
      Optional<Path> golden) {}

  /** What becomes of a number that is null or NaN. */
  enum Missing {
    /** The row cannot be scored. */
    REFUSED,
    /** The model is given NaN, which it was trained to take. */
    NAN
  }

  /**
   * A version that was stored completely.
   *
   * @param created when it was stored, ISO 8601 in UTC
   * @param spark the version of Spark that wrote it
   * @param data the version of the data that it learned from
   * @param task what it learned to tell, in a word
   * @param incompleteRows rows that were left out, as a feature was null
   * @param metrics figures on the rows that were held out
   */
  record Version(
      String name,
      String model,
      String created,
      String spark,
      Optional<String> data,
      String task,
      Optional<String> label,
      List<Column> inputs,
      List<Column> outputs,
      long trainingRows,
      long heldOutRows,
      long incompleteRows,
      Map<String, Double> metrics) {}

  /** A column that a model needs or adds, and its type in words. */
  record Column(String name, String type) {}

  /**
   * A stage of a model.
   *
   * @param params each as JSON, also those that nobody set
   */
  record Stage(String className, SortedMap<String, String> params) {}
}
