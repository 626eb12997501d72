package io.millrace.engine.spec;

import java.util.List;
import java.util.Optional;

/**
 * A step as it is written.
 *
 * @param from what it reads; the entry above where the file does not say
 * @param stated whether the file says so
 * @param when a condition that rows must meet before they reach the step
 */
public record StepSpec(
    Word name, PartSpec part, List<Word> from, boolean stated, Optional<Tree.Leaf> when) {}
