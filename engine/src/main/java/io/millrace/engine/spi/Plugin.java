package io.millrace.engine.spi;

import java.util.List;
import java.util.Optional;

/** A jar's contribution, found with {@link java.util.ServiceLoader}. */
public interface Plugin {
  default List<Kind<?, Source>> sources() {
    return List.of();
  }

  default List<Kind<?, Decoder>> decoders() {
    return List.of();
  }

  default List<Kind<?, Step>> steps() {
    return List.of();
  }

  default List<Kind<?, Sink>> sinks() {
    return List.of();
  }

  default List<Kind<?, Trainer>> trainers() {
    return List.of();
  }

  /** The versions of a model in a folder, by the plugin that stores models. */
  default Optional<ModelVersions> models(String store) {
    return Optional.empty();
  }
}
