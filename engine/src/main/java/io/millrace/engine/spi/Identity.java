package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.UUID;

/**
 * Who writes: the names under which a sink remembers what it has.
 *
 * @param query the query's name within the job
 * @param queryId the id that Spark keeps in the query's checkpoint
 */
public record Identity(String job, String sink, String query, UUID queryId)
    implements Serializable {}
