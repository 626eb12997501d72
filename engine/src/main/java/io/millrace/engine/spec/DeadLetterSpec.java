package io.millrace.engine.spec;

import java.util.Optional;

/** Where dead letters go; an empty part drops them. */
public record DeadLetterSpec(Position at, Optional<PartSpec> part, Optional<Word> trigger) {}
