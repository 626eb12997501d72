package io.millrace.engine.observe;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.millrace.engine.spi.BatchReport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;

/**
 * The figures of steps whose parts change, as gauges of Spark's own metrics: {@code
 * millrace.<job>.<query>.<step>.<figure>}. They are under {@code /metrics/json} of Spark's page,
 * and wherever {@code spark.metrics.conf} sends metrics.
 */
public final class Gauges implements Source, Consumer<BatchReport>, AutoCloseable {
  private final String job;
  private final MetricRegistry registry = new MetricRegistry();
  private final Map<String, Double> values = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> told = new HashMap<>();

  private Gauges(String job) {
    this.job = job;
  }

  /** Those of a job, of which no other of the name may run in this JVM. */
  public static Gauges of(String job) {
    Gauges gauges = new Gauges(job);
    SparkEnv.get().metricsSystem().registerSource(gauges);
    return gauges;
  }

  @Override
  public String sourceName() {
    return "millrace." + job;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }

  /** A figure that a batch tells no longer, as that of another version, has no gauge either. */
  @Override
  public synchronized void accept(BatchReport report) {
    Map<String, Double> now = new HashMap<>();
    report
        .parts()
        .forEach(
            (step, part) ->
                part.figures()
                    .forEach(
                        (figure, value) ->
                            now.put(MetricRegistry.name(report.query(), step, figure), value)));
    values.putAll(now);
    Set<String> before =
        Objects.requireNonNullElse(told.put(report.query(), now.keySet()), Set.of());
    Set<String> gone = new HashSet<>(before);
    gone.removeAll(now.keySet());
    gone.forEach(registry::remove);
    values.keySet().removeAll(gone);
    now.keySet().stream().filter(name -> !before.contains(name)).forEach(this::add);
  }

  private void add(String name) {
    Gauge<Double> gauge = () -> values.getOrDefault(name, Double.NaN);
    registry.register(name, gauge);
  }

  @Override
  public void close() {
    SparkEnv.get().metricsSystem().removeSource(this);
  }
}
