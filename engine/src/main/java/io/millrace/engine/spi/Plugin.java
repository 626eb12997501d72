package io.millrace.engine.spi;

import java.util.List;

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
}
