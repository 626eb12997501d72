package io.millrace.jobs.demo;

import java.time.Instant;

/** A window: an ad, and the minute that starts then. */
public record Minute(String ad, Instant start) {}
