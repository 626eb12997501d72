package io.millrace.engine.observe;

import io.millrace.engine.spi.PartState;
import io.millrace.engine.spi.TableState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a query has done since it started.
 *
 * @param batches that it has finished
 * @param read rows that its sources handed out
 * @param rate rows per second of the last batch that had rows
 * @param watermark of event time; empty where the query has none yet
 * @param lag records that wait in Kafka; empty where the source does not tell
 * @param delivered rows per sink that are visible there
 * @param waited how long each sink with a pool waited for connections, its tasks added up
 * @param tables the static tables that its last batch saw
 * @param parts what its last batch saw of steps whose parts change, by the names of the steps
 */
public record QueryState(
    String query,
    long batches,
    long read,
    double rate,
    Optional<Instant> watermark,
    OptionalLong lag,
    Map<String, Long> delivered,
    Map<String, Duration> waited,
    Map<String, TableState> tables,
    Map<String, PartState> parts) {}
