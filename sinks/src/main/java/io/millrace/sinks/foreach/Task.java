package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Identity;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.types.StructType;

/**
 * What a handler may know about its work.
 *
 * @param batch the number of the batch, the same when it comes again
 * @param attempt differs between any two tries
 * @param settings what the job says below {@code settings}
 */
public record Task(
    Identity who, long batch, UUID attempt, StructType columns, Map<String, String> settings) {}
