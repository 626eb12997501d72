package io.millrace.engine.spec;

/** A kind and the settings written under it, which are not looked at yet. */
public record PartSpec(String kind, Position at, Tree settings) {}
