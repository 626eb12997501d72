package io.millrace.sinks.http;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Size;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The contract by requests with lines of JSON. */
class HttpContractTest extends SinkContract {
  private final Map<String, Endpoint> endpoints = new HashMap<>();

  @AfterEach
  void close() {
    endpoints.values().forEach(Endpoint::close);
  }

  @Override
  protected Sink sink(String target) {
    Endpoint endpoint = endpoints.computeIfAbsent(target, name -> new Endpoint());
    return new HttpSink(
        new HttpSettings(
            endpoint.url(),
            HttpSettings.Method.POST,
            HttpSettings.Body.LINES,
            500,
            new Size(1 << 20),
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ZERO,
            Optional.empty(),
            1));
  }

  @Override
  protected List<Map<String, String>> read(String target) {
    return Objects.requireNonNull(endpoints.get(target)).requests().stream()
        .flatMap(request -> request.body().lines())
        .map(Extremes::members)
        .toList();
  }
}
