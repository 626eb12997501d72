package io.millrace.engine.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.streaming.SourceProgress;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.jspecify.annotations.Nullable;

/** Adds up what the queries of a job tell while they run. Safe for use by several threads. */
public final class Watch extends StreamingQueryListener implements Consumer<BatchReport> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, QueryState> queries = new LinkedHashMap<>();

  /** The queries in the order of their first batch. */
  public synchronized List<QueryState> states() {
    return List.copyOf(new ArrayList<>(queries.values()));
  }

  @Override
  public synchronized void accept(BatchReport report) {
    QueryState state = state(report.query());
    Map<String, Long> delivered = new LinkedHashMap<>(state.delivered());
    report.written().forEach((sink, rows) -> delivered.merge(sink, rows, Long::sum));
    Map<String, Duration> waited = new LinkedHashMap<>(state.waited());
    report.waited().forEach((sink, time) -> waited.merge(sink, time, Duration::plus));
    queries.put(
        report.query(),
        new QueryState(
            report.query(),
            state.batches(),
            state.read(),
            state.rate(),
            state.watermark(),
            state.lag(),
            Map.copyOf(delivered),
            Map.copyOf(waited),
            report.tables(),
            report.parts()));
  }

  @Override
  public void onQueryStarted(QueryStartedEvent event) {}

  @Override
  public synchronized void onQueryProgress(QueryProgressEvent event) {
    StreamingQueryProgress progress = event.progress();
    String query = progress.name().substring(progress.name().indexOf('.') + 1);
    QueryState state = state(query);
    long rows = rows(progress);
    queries.put(
        query,
        new QueryState(
            query,
            state.batches() + 1,
            state.read() + rows,
            rows > 0 ? progress.processedRowsPerSecond() : state.rate(),
            watermark(progress),
            lag(progress),
            state.delivered(),
            state.waited(),
            state.tables(),
            state.parts()));
  }

  @Override
  public void onQueryTerminated(QueryTerminatedEvent event) {}

  private QueryState state(String query) {
    return queries.getOrDefault(
        query,
        new QueryState(
            query,
            0,
            0,
            0,
            Optional.empty(),
            OptionalLong.empty(),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of()));
  }

  private static long rows(StreamingQueryProgress progress) {
    return Stream.of(progress.sources())
        .filter(source -> !source.description().startsWith(Step.HEARTBEATS))
        .mapToLong(SourceProgress::numInputRows)
        .sum();
  }

  private static Optional<Instant> watermark(StreamingQueryProgress progress) {
    return Optional.ofNullable(progress.eventTime().get("watermark"))
        .map(Instant::parse)
        .filter(time -> time.toEpochMilli() > 0);
  }

  private static OptionalLong lag(StreamingQueryProgress progress) {
    OptionalLong lag = OptionalLong.empty();
    for (SourceProgress source : progress.sources()) {
      OptionalLong behind = behind(source.latestOffset(), source.endOffset());
      if (behind.isPresent()) {
        lag = OptionalLong.of(lag.orElse(0) + behind.getAsLong());
      }
    }
    return lag;
  }

  /** Records between two offsets of Kafka: topic, then partition, then offset. */
  private static OptionalLong behind(@Nullable String latest, @Nullable String end) {
    if (latest == null || end == null || !latest.startsWith("{\"")) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Math.max(0, sum(JSON.readTree(latest)) - sum(JSON.readTree(end))));
    } catch (JsonProcessingException e) {
      return OptionalLong.empty();
    }
  }

  private static long sum(JsonNode topics) {
    long sum = 0;
    for (JsonNode partitions : topics) {
      for (JsonNode offset : partitions) {
        sum += offset.asLong();
      }
    }
    return sum;
  }
}
