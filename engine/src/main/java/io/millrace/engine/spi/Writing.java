package io.millrace.engine.spi;

import java.io.Serializable;

/** How the job wants its rows written. */
public record Writing(Mode mode, Write write) implements Serializable {}
