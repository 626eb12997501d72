package io.millrace.sinks.files;

import io.millrace.engine.spi.Sink;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Extremes;
import io.millrace.sinks.testing.SinkContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract by files of lines and files of columns. */
class FilesContractTest {
  @Nested
  class Json extends SinkContract {
    private final Path folder;

    Json(@TempDir Path folder) {
      this.folder = folder;
    }

    @Override
    protected Sink sink(String target) {
      return FilesContractTest.sink(folder.resolve(target), FilesSink.Format.JSON);
    }

    @Override
    protected List<Map<String, String>> read(String target) {
      List<Map<String, String>> rows = new ArrayList<>();
      try (Stream<Path> files = Files.list(folder.resolve(target))) {
        for (Path file :
            files.filter(path -> path.getFileName().toString().startsWith("batch-")).toList()) {
          Files.readAllLines(file).forEach(line -> rows.add(Extremes.members(line)));
        }
        return rows;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    protected Set<String> refuses() {
      return Set.of("an_interval");
    }
  }

  @Nested
  class Parquet extends SinkContract {
    private final Path folder;

    Parquet(@TempDir Path folder) {
      this.folder = folder;
    }

    @Override
    protected Sink sink(String target) {
      return FilesContractTest.sink(folder.resolve(target), FilesSink.Format.PARQUET);
    }

    @Override
    protected List<Map<String, String>> read(String target) {
      return Extremes.list(Sessions.spark().read().parquet(folder.resolve(target).toString()));
    }

    @Override
    protected Set<String> refuses() {
      return Set.of("an_interval");
    }
  }

  private static FilesSink sink(Path folder, FilesSink.Format format) {
    return new FilesSink(new FilesSink.Settings(folder.toString(), format, List.of(), Map.of()));
  }
}
