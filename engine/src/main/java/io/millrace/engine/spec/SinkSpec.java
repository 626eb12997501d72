package io.millrace.engine.spec;

import java.util.Optional;

/** A sink as it is written; which words exist is checked by the planner. */
public record SinkSpec(
    Word name,
    PartSpec part,
    Word from,
    Optional<Tree.Leaf> when,
    Optional<Word> mode,
    Optional<Word> write,
    Optional<Word> delivery,
    Optional<TriggerSpec> trigger) {}
