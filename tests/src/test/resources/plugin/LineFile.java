package com.example.plugin;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Writing;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Numbers as lines of a file, in their order. */
public record LineFile(Settings settings) implements BatchSink {
  public record Settings(@Doc("The file.") String path) implements Serializable {}

  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public void write(Batch batch) {
    List<String> lines =
        batch.rows().orderBy("n").collectAsList().stream()
            .map(row -> Long.toString(row.getLong(0)))
            .toList();
    try {
      Files.write(
          Path.of(settings.path()), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
