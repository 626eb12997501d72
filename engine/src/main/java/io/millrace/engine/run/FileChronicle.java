package io.millrace.engine.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.spi.Chronicle;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * Accounts in a folder, which has one below it for each checkpoint: there a file for each of the
 * last batches, and one for all before them. A file is there whole or not at all; what both have
 * counts once. No folder is there before the first account.
 */
final class FileChronicle implements Chronicle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BATCH = "batch-";
  private static final String UNTIL = "until-";
  private static final int TRIES = 5;

  private final Path root;
  private final CheckpointFileManager files;
  private final Set<UUID> made = new HashSet<>();

  FileChronicle(Path root, Configuration hadoop) {
    this.root = root;
    this.files = CheckpointFileManager.create(root, hadoop);
  }

  @Override
  public void open() {}

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (FileStatus folder : list(root)) {
      if (folder.isDirectory() && folder.getPath().getName().length() == 36) {
        entries.addAll(read(UUID.fromString(folder.getPath().getName())));
      }
    }
    return entries;
  }

  /** Reads once more where someone has put files together meanwhile. */
  private List<Entry> read(UUID queryId) {
    for (int tries = 1; ; tries++) {
      try {
        return readOnce(queryId);
      } catch (UncheckedIOException e) {
        if (tries == TRIES || !(e.getCause() instanceof FileNotFoundException)) {
          throw e;
        }
      }
    }
  }

  private List<Entry> readOnce(UUID queryId) {
    List<Entry> entries = new ArrayList<>();
    long until = numbers(queryId, UNTIL).stream().max(Comparator.naturalOrder()).orElse(-1L);
    if (until >= 0) {
      String account = text(file(queryId, UNTIL, until));
      entries.add(new Entry(queryId, first(account), until, account));
    }
    for (long batch : numbers(queryId, BATCH)) {
      if (batch > until) {
        entries.add(new Entry(queryId, batch, batch, text(file(queryId, BATCH, batch))));
      }
    }
    return entries;
  }

  private static long first(String account) {
    try {
      return JSON.readTree(account).path("from").asLong();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot read the account " + account, e);
    }
  }

  @Override
  public void keep(Entry entry) {
    UUID id = entry.queryId();
    if (made.add(id)) {
      files.mkdirs(folder(id));
    }
    byte[] account = entry.account().getBytes(StandardCharsets.UTF_8);
    if (entry.first() == entry.last()) {
      Whole.write(files, file(id, BATCH, entry.last()), account);
      return;
    }
    Whole.write(files, file(id, UNTIL, entry.last()), account);
    numbers(id, UNTIL).stream()
        .filter(until -> until < entry.last())
        .forEach(until -> files.delete(file(id, UNTIL, until)));
    numbers(id, BATCH).stream()
        .filter(batch -> batch <= entry.last())
        .forEach(batch -> files.delete(file(id, BATCH, batch)));
  }

  @Override
  public void forget(UUID queryId, long batch) {
    numbers(queryId, BATCH).stream()
        .filter(later -> later > batch)
        .forEach(later -> files.delete(file(queryId, BATCH, later)));
  }

  private List<Long> numbers(UUID queryId, String sort) {
    return list(folder(queryId)).stream()
        .map(file -> file.getPath().getName())
        .filter(name -> name.matches(sort + "\\d+"))
        .map(name -> Long.valueOf(name.substring(sort.length())))
        .toList();
  }

  private List<FileStatus> list(Path folder) {
    return files.exists(folder) ? Arrays.asList(files.list(folder)) : List.of();
  }

  private Path folder(UUID queryId) {
    return new Path(root, queryId.toString());
  }

  private Path file(UUID queryId, String sort, long batch) {
    return new Path(folder(queryId), sort + batch);
  }

  private String text(Path file) {
    return new String(Whole.read(files, file), StandardCharsets.UTF_8);
  }
}
