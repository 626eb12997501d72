package io.millrace.models;

import io.millrace.engine.spi.ModelVersions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A store as the command line sees it. */
record StoredVersions(ModelStore store) implements ModelVersions {
  @Override
  public String place() {
    return store.uri();
  }

  @Override
  public List<String> names() {
    return store.versions();
  }

  @Override
  public List<String> inUse() {
    return store.inUse();
  }

  @Override
  public Optional<Version> version(String name) {
    return store.complete(name)
        ? Optional.of(version(store.version(name).manifest()))
        : Optional.empty();
  }

  @Override
  public List<Stage> stages(String name) {
    StoredModel stored = store.version(name);
    stored.verify();
    Manifest manifest = stored.manifest();
    Onnx onnx = manifest.onnx();
    if (onnx != null) {
      return operators(manifest, onnx);
    }
    return stored.stages().stream()
        .map(text -> new Stage(text.className(), text.params()))
        .toList();
  }

  @Override
  public SortedMap<String, Long> files(String name) {
    return store.version(name).files();
  }

  @Override
  public void promote(String name) {
    store.promote(name);
  }

  @Override
  public String rollback() {
    return store.rollback().manifest().version();
  }

  @Override
  public Version add(Foreign model) {
    return version(new OnnxAddition(store, model).stored().manifest());
  }

  /** The file and what wrote it, then its operators. */
  private static List<Stage> operators(Manifest manifest, Onnx onnx) {
    SortedMap<String, String> about = new TreeMap<>();
    about.put("producer", onnx.producer());
    about.put("missing", onnx.missing().name().toLowerCase(Locale.ROOT));
    about.put("sha256", String.valueOf(manifest.files().get(ModelStore.ONNX)));
    List<Stage> stages = new ArrayList<>(List.of(new Stage(ModelStore.ONNX, about)));
    manifest.stages().forEach(name -> stages.add(new Stage(name, new TreeMap<>())));
    return stages;
  }

  private static Version version(Manifest manifest) {
    return new Version(
        manifest.version(),
        manifest.model(),
        manifest.created(),
        manifest.spark(),
        Optional.ofNullable(manifest.data()),
        manifest.task().name().toLowerCase(Locale.ROOT),
        Optional.ofNullable(manifest.label()),
        columns(manifest.inputs()),
        columns(manifest.outputs()),
        manifest.trainingRows(),
        manifest.heldOutRows(),
        manifest.incompleteRows(),
        manifest.metrics());
  }

  private static List<Column> columns(List<Manifest.Field> fields) {
    return fields.stream()
        .map(
            field ->
                new Column(
                    field.name(),
                    field.type().equals(Manifest.VECTOR)
                        ? "vector of " + field.size()
                        : field.type().toLowerCase(Locale.ROOT)))
        .toList();
  }
}
