package io.millrace.jobs;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spi.ModelVersions;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Parameters;

/** Whose versions a command is about, and which of them. */
@SuppressWarnings("NullAway.Init")
final class StoredVersion {
  @Parameters(
      index = "0",
      paramLabel = "STORE",
      description = "The folder of a model's versions, or the training file that names it")
  private String store;

  /** As it was typed. */
  String store() {
    return store;
  }

  ModelVersions versions() {
    return Catalog.load()
        .models(folder())
        .orElseThrow(() -> new WrongSurroundings("Needs the jar of models. Name it with --jars"));
  }

  /** The names of all versions, of which there is at least one. */
  List<String> names() {
    ModelVersions versions = versions();
    List<String> names = told(versions::names);
    if (names.isEmpty()) {
      throw new WrongSurroundings(
          "Cannot find a version of a model in "
              + versions.place()
              + ". Name the folder under store: of its training file, or train one with"
              + " spark-submit/millrace train FILE");
    }
    return names;
  }

  /** The version of this name, or the one in use. */
  ModelVersions.Version version(Optional<String> wanted) {
    ModelVersions versions = versions();
    List<String> names = names();
    String name = wanted.orElseGet(() -> inUse(versions));
    if (!names.contains(name)) {
      throw new WrongSurroundings(
          "Unknown version '"
              + name
              + "' in "
              + versions.place()
              + Nearest.to(name, names)
                  .map(near -> ". Did you mean '" + near + "'?")
                  .orElse(". It has " + String.join(", ", names)));
    }
    return told(() -> versions.version(name))
        .orElseThrow(
            () ->
                new WrongSurroundings(
                    "Cannot use version "
                        + name
                        + " in "
                        + versions.place()
                        + ": it has no manifest, so it was never stored completely. Train the model"
                        + " again"));
  }

  /** What a store says; what it refuses is a sentence about the surroundings. */
  <T> T told(Supplier<T> asked) {
    try {
      return asked.get();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      String why =
          Optional.ofNullable(e.getCause()).map(Throwable::getMessage).orElse("no reason given");
      throw new WrongSurroundings(e.getMessage() + ": " + why, e);
    }
  }

  private String inUse(ModelVersions versions) {
    return told(versions::inUse).stream()
        .findFirst()
        .orElseThrow(
            () ->
                new WrongSurroundings(
                    "Needs a version: none in "
                        + versions.place()
                        + " is in use. spark-submit/millrace models list "
                        + store
                        + " shows all"));
  }

  private String folder() {
    boolean file = store.endsWith(".yaml") || store.endsWith(".yml");
    if (!file && !Files.isRegularFile(Path.of(store))) {
      return store;
    }
    return new JobFiles()
        .training(Path.of(store))
        .trainer()
        .store()
        .orElseThrow(
            () ->
                new WrongSurroundings(
                    "Cannot tell where " + store + " stores its models. Name the folder instead"));
  }
}
