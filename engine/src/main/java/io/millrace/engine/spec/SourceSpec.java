package io.millrace.engine.spec;

import java.util.Optional;

/**
 * A source as it is written.
 *
 * @param watermark the settings of a watermark step
 * @param fixed the settings under {@code static}: the source is a table, not a stream
 */
public record SourceSpec(
    Word name,
    PartSpec part,
    Optional<PartSpec> decode,
    Optional<Tree> watermark,
    Optional<Tree> fixed) {}
