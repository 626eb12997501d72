package io.millrace.sinks.redis;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalRedis;
import io.millrace.sinks.testing.Batches;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The contract by strings of JSON under the keys of rows. */
class RedisContractTest extends SinkContract {
  private static final LocalRedis REDIS = LocalRedis.shared();

  @Override
  protected Sink sink(String target) {
    return Given.at(REDIS.url(0), "id").prefix(target + ":").json(Duration.ZERO).sink();
  }

  @Override
  protected Writing how() {
    return Batches.UPSERT;
  }

  @Override
  protected List<Map<String, String>> read(String target) {
    List<Map<String, String>> rows = new ArrayList<>();
    for (Object key :
        (List<?>) Objects.requireNonNull(Given.ask(REDIS.port(), "KEYS", target + ":*"))) {
      rows.add(
          Extremes.members(String.valueOf(Given.ask(REDIS.port(), "GET", String.valueOf(key)))));
    }
    return rows;
  }
}
