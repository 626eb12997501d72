package io.millrace.tests.bench;

import java.util.Objects;

/** What of a run is compared. */
enum Measure {
  RATE("rate", "rows/s") {
    @Override
    double of(Outcome run, long events) {
      return events / run.seconds();
    }
  },
  CPU("cpu", "cpu s") {
    @Override
    double of(Outcome run, long events) {
      return run.cpuSeconds() + run.serverCpuSeconds();
    }
  },
  MEMORY("memory", "MiB") {
    @Override
    double of(Outcome run, long events) {
      return run.peakMebibytes();
    }
  },
  P50("p50", "ms") {
    @Override
    double of(Outcome run, long events) {
      return latencies(run).p50();
    }
  },
  P99("p99", "ms") {
    @Override
    double of(Outcome run, long events) {
      return latencies(run).p99();
    }
  },
  P99_RUNNING("p99-running", "ms") {
    @Override
    double of(Outcome run, long events) {
      return latencies(run).p99Running();
    }
  },
  WORST("worst", "ms") {
    @Override
    double of(Outcome run, long events) {
      return latencies(run).worst();
    }
  };

  private final String word;
  private final String unit;

  Measure(String word, String unit) {
    this.word = word;
    this.unit = unit;
  }

  private static Latencies latencies(Outcome run) {
    return Objects.requireNonNull(run.latencies());
  }

  String word() {
    return word;
  }

  String unit() {
    return unit;
  }

  /** The value of a run over so many events. */
  abstract double of(Outcome run, long events);
}
