package io.millrace.tests.torture;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Files of lines in a folder. A reader may see part of a batch, so no moment of it is judged. */
record FilesTable(Path folder, String sink, Part part) implements Table {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public List<Look> look() {
    return List.of();
  }

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.filter(each -> each.toString().endsWith(".json")).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          entries.add(Entry.json(part, JSON.readTree(line)));
        }
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + folder, e);
    }
  }
}
