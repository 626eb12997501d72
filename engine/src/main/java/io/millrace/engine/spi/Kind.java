package io.millrace.engine.spi;

import java.util.List;
import java.util.function.Function;

/**
 * A named sort of source, decoder, step, sink or trainer: the settings that it takes and how to
 * make one from them. The settings record is the only description of the component: the names of
 * its components are the keys, kebab-case. A component {@code else_} is the key {@code else}, as
 * Java keeps that word for itself.
 *
 * @param promises of a sink, the strongest last; what it can be asked for is found here
 */
public record Kind<S extends Record, P>(
    String name, String summary, Class<S> settings, Function<S, P> create, List<Promise> promises) {

  /** A kind that promises nothing by itself. */
  public Kind(String name, String summary, Class<S> settings, Function<S, P> create) {
    this(name, summary, settings, create, List.of());
  }
}
