package io.millrace.sinks.spark;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The contract by a format of Spark; which types it takes is the format's own affair. */
class SparkContractTest extends SinkContract {
  private final Path folder;

  SparkContractTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Override
  protected Sink sink(String target) {
    return new SparkSink(
        new SparkSink.Settings("orc", Map.of("path", folder.resolve(target).toString())));
  }

  @Override
  protected List<Map<String, String>> read(String target) {
    return Extremes.list(Sessions.spark().read().orc(folder.resolve(target).toString()));
  }

  @Override
  protected Set<String> leaves() {
    return Set.of("an_interval", "nothing", "a_variant");
  }
}
