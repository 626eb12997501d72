package io.millrace.engine.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * The accounts of a query's batches, beside its checkpoint: a file for each of the last batches,
 * and one for all before them. A file is there whole or not at all; a batch that comes again counts
 * once, as it was counted first.
 */
final class History {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BATCH = "batch-";
  private static final String UNTIL = "until-";
  private static final int TRIES = 5;

  private final CheckpointFileManager files;
  private final Path folder;
  private final int recent;
  private final TreeSet<Long> batches = new TreeSet<>();
  private long begun = -1;

  /**
   * The accounts in a folder.
   *
   * @param recent so many of the last batches have a file of their own, and up to twice as many
   */
  History(CheckpointFileManager files, Path folder, int recent) {
    this.files = files;
    this.folder = folder;
    this.recent = recent;
  }

  /** Gets ready to write; what a checkpoint that was put back does not know is forgotten. */
  void start(long lastBegun) {
    begun = lastBegun;
    files.mkdirs(folder);
    for (long batch : numbers(BATCH)) {
      if (batch > begun) {
        files.delete(file(BATCH, batch));
      } else {
        batches.add(batch);
      }
    }
  }

  /** Keeps the account of one batch. */
  void keep(Account account) {
    long batch = account.to();
    if (batch <= begun && kept(batch)) {
      return;
    }
    write(file(BATCH, batch), account);
    batches.add(batch);
    if (batches.size() >= 2 * recent) {
      rollUp();
    }
  }

  /** Whether there is an account of a batch that needs no better one. */
  private boolean kept(long batch) {
    return numbers(UNTIL).stream().anyMatch(until -> batch <= until)
        || (batches.contains(batch) && read(file(BATCH, batch)).balanced());
  }

  /** Adds all but the last batches to one account. */
  private void rollUp() {
    List<Long> older = batches.stream().limit(batches.size() - recent).toList();
    Optional<Long> before = numbers(UNTIL).stream().max(Comparator.naturalOrder());
    Optional<Account> total = before.map(until -> read(file(UNTIL, until)));
    for (long batch : older) {
      Account account = read(file(BATCH, batch));
      if (total.isEmpty() || batch > total.get().to()) {
        total = Optional.of(total.map(sum -> sum.plus(account)).orElse(account));
      }
    }
    Account sum = total.orElseThrow();
    write(file(UNTIL, sum.to()), sum);
    before.filter(until -> until != sum.to()).ifPresent(until -> files.delete(file(UNTIL, until)));
    older.forEach(batch -> files.delete(file(BATCH, batch)));
    older.forEach(batches::remove);
  }

  /** All accounts in the order of their batches, while someone else may write. */
  List<Account> read() {
    for (int tries = 1; ; tries++) {
      try {
        return readOnce();
      } catch (UncheckedIOException e) {
        if (tries == TRIES || !(e.getCause() instanceof FileNotFoundException)) {
          throw e;
        }
      }
    }
  }

  private List<Account> readOnce() {
    if (!files.exists(folder)) {
      return List.of();
    }
    List<Account> accounts = new ArrayList<>();
    numbers(UNTIL).stream()
        .max(Comparator.naturalOrder())
        .ifPresent(until -> accounts.add(read(file(UNTIL, until))));
    long rolled = accounts.isEmpty() ? -1 : accounts.get(0).to();
    numbers(BATCH).stream()
        .filter(batch -> batch > rolled)
        .sorted()
        .forEach(batch -> accounts.add(read(file(BATCH, batch))));
    return accounts;
  }

  private List<Long> numbers(String sort) {
    return Arrays.stream(files.list(folder))
        .map(file -> file.getPath().getName())
        .filter(name -> name.matches(sort + "\\d+"))
        .map(name -> Long.valueOf(name.substring(sort.length())))
        .toList();
  }

  private Path file(String sort, long batch) {
    return new Path(folder, sort + batch);
  }

  private Account read(Path file) {
    try {
      return JSON.readValue(Whole.read(files, file), Account.class);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private void write(Path file, Account account) {
    try {
      Whole.write(files, file, JSON.writeValueAsBytes(account));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }
}
