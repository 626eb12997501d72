package io.millrace.engine.spi;

import java.util.function.Function;

/**
 * A named sort of source, decoder, step, sink or trainer: the settings that it takes and how to
 * make one from them. The settings record is the only description of the component.
 */
public record Kind<S extends Record, P>(
    String name, String summary, Class<S> settings, Function<S, P> create) {}
