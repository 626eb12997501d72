package io.millrace.engine.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.PartState;
import io.millrace.engine.testing.Sessions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** Figures where Spark's own metrics look for them. */
class GaugesTest {
  private static BatchReport report(String query, Map<String, Double> figures) {
    PartState scored = new PartState("v1", Optional.empty(), List.of(), figures);
    return new BatchReport(
        query, 1, Map.of(), Map.of(), Map.of(), Map.of("scored", scored), Duration.ZERO);
  }

  private static List<Source> sources() {
    return CollectionConverters.asJava(
        SparkEnv.get().metricsSystem().getSourcesByName("millrace.clicks"));
  }

  @Test
  void theFiguresOfTheLastBatchOfEachQueryAreGaugesUntilTheJobEnds() {
    assertThat(Sessions.spark().sparkContext().isStopped()).isFalse();
    try (Gauges gauges = Gauges.of("clicks")) {
      gauges.accept(report("a", Map.of("psi.amount", 0.1, "scored", 5.0)));
      gauges.accept(report("b", Map.of("scored", 7.0)));
      gauges.accept(report("a", Map.of("psi.amount", 0.3)));

      MetricRegistry registry = sources().get(0).metricRegistry();
      assertThat(registry.getGauges()).hasSize(2);
      assertThat(value(registry, "a.scored.psi.amount")).isEqualTo(0.3);
      assertThat(value(registry, "b.scored.scored")).isEqualTo(7.0);
    }
    assertThat(sources()).isEmpty();
  }

  private static Object value(MetricRegistry registry, String name) {
    Gauge<?> gauge = registry.getGauges().get(name);
    assertThat(gauge).as(name).isNotNull();
    return gauge.getValue();
  }
}
