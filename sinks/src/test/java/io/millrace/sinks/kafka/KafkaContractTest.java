package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** The contract by records of JSON, with and without transactions. */
class KafkaContractTest {
  private static final String SERVERS = LocalBroker.shared().servers();

  private static class Topic extends SinkContract {
    private final Guarantee asked;
    private final Set<String> there = new HashSet<>();

    Topic(Guarantee asked) {
      this.asked = asked;
    }

    @Override
    protected Sink sink(String target) {
      if (there.add(target)) {
        LocalBroker.shared().createTopic(target, 1);
      }
      return new KafkaSink(
              new KafkaSink.Settings(
                  SERVERS,
                  target,
                  Optional.of("id"),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Map.of(),
                  Optional.empty(),
                  Map.of(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty()))
          .delivering(asked);
    }

    @Override
    protected List<Map<String, String>> read(String target) {
      Topics.awaitDecided(SERVERS, target);
      return Topics.values(SERVERS, target).stream().map(Extremes::members).toList();
    }
  }

  @Nested
  class AtLeastOnce extends Topic {
    AtLeastOnce() {
      super(Guarantee.AT_LEAST_ONCE);
    }
  }

  @Nested
  class ExactlyOnce extends Topic {
    ExactlyOnce() {
      super(Guarantee.EXACTLY_ONCE);
    }
  }
}
