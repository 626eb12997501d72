package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.UUID;
import org.apache.spark.sql.types.StructType;

/**
 * One task's try to write its part of one batch.
 *
 * @param id differs between any two tries
 */
public record Attempt(Identity who, Writing how, long batch, UUID id, StructType rows)
    implements Serializable {}
