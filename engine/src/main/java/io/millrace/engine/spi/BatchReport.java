package io.millrace.engine.spi;

import java.time.Duration;
import java.util.Map;

/**
 * What one batch of a query did.
 *
 * @param written rows per sink that became visible with this batch; a sink that had the batch
 *     already is not in it
 * @param waited how long each sink with a pool waited for connections, its tasks added up
 * @param tables the static tables that it saw
 * @param parts what it saw of steps whose parts change, by the names of the steps
 */
public record BatchReport(
    String query,
    long batch,
    Map<String, Long> written,
    Map<String, Duration> waited,
    Map<String, TableState> tables,
    Map<String, PartState> parts,
    Duration took) {}
