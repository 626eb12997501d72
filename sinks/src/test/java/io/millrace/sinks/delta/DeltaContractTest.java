package io.millrace.sinks.delta;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Batches;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract by tables that get rows added, and rows merged. */
class DeltaContractTest {
  abstract static class Table extends SinkContract {
    private final Path folder;

    Table(Path folder) {
      this.folder = folder;
    }

    abstract String settings();

    @Override
    protected Sink sink(String target) {
      return new Given(folder.resolve(target)).sink(settings());
    }

    @Override
    protected List<Map<String, String>> read(String target) {
      return Extremes.list(
          Sessions.spark().read().format("delta").load(new Given(folder.resolve(target)).path()));
    }

    @Override
    protected Set<String> refuses() {
      return Set.of("months", "seconds", "an_interval", "nothing");
    }
  }

  @Nested
  class Append extends Table {
    Append(@TempDir Path folder) {
      super(folder);
    }

    @Override
    String settings() {
      return "";
    }
  }

  @Nested
  class Merge extends Table {
    Merge(@TempDir Path folder) {
      super(folder);
    }

    @Override
    String settings() {
      return "keys: [id], order-by: [id]";
    }

    @Override
    protected Writing how() {
      return Batches.UPSERT;
    }
  }
}
