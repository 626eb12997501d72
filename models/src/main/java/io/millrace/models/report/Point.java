package io.millrace.models.report;

/** A place, or two values that belong together. */
public record Point(double x, double y) {}
