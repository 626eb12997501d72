package io.millrace.tests.bench;

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
  };

  private final String word;
  private final String unit;

  Measure(String word, String unit) {
    this.word = word;
    this.unit = unit;
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
