package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final int RECENT = 4;
  private static final int MANY = 3 * RECENT + 2;

  @TempDir private Path folder = Path.of("");

  @Test
  void addsOldBatchesUpAndStaysSmall() throws IOException {
    History history = history(-1);
    for (long batch = 0; batch < MANY; batch++) {
      history.keep(account(batch, 3));
      if (batch == RECENT) {
        history = history(batch);
        history.keep(account(batch, 99));
      }
    }

    List<Account> accounts = history.read();
    Account total = accounts.stream().reduce(Account::plus).orElseThrow();
    assertThat(total.from()).isZero();
    assertThat(total.to()).isEqualTo(MANY - 1);
    assertThat(total.sinks())
        .containsExactly(new Account.Arrival("out", 3L * MANY, 3L * MANY, 0, 0));
    assertThat(accounts).hasSizeBetween(RECENT, 2 * RECENT + 1);
    try (Stream<Path> files = Files.list(ledger())) {
      assertThat(files.filter(file -> !file.getFileName().toString().startsWith(".")))
          .hasSameSizeAs(accounts);
    }
  }

  @Test
  void aCrashWhileItAddsUpCountsNothingTwice() throws IOException {
    History history = history(-1);
    long rolled = 2 * RECENT - 1;
    for (long batch = 0; batch < rolled; batch++) {
      history.keep(account(batch, 1));
    }
    Path kept = folder.resolve("kept");
    Files.createDirectory(kept);
    try (Stream<Path> files = Files.list(ledger())) {
      for (Path file : files.toList()) {
        Files.copy(file, kept.resolve(file.getFileName()));
      }
    }
    history.keep(account(rolled, 1));
    try (Stream<Path> files = Files.list(kept)) {
      for (Path file : files.toList()) {
        Path target = ledger().resolve(file.getFileName());
        if (!Files.exists(target)) {
          Files.copy(file, target);
        }
      }
    }

    assertThat(arrived(history)).isEqualTo(rolled + 1);
    History next = history(rolled);
    for (long batch = rolled + 1; batch <= 2 * rolled; batch++) {
      next.keep(account(batch, 1));
    }
    assertThat(arrived(next)).isEqualTo(2 * rolled + 1);
  }

  @Test
  void forgetsWhatACheckpointThatWasPutBackDoesNotKnow() {
    History history = history(-1);
    for (long batch = 0; batch < 10; batch++) {
      history.keep(account(batch, 1));
    }

    assertThat(history(4).read()).extracting(Account::to).containsExactly(3L, 4L);
  }

  private Path ledger() {
    return folder.resolve("ledger");
  }

  private static long arrived(History history) {
    return history.read().stream()
        .flatMap(account -> account.sinks().stream())
        .mapToLong(Account.Arrival::arrived)
        .sum();
  }

  private History history(long begun) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(ledger().toString());
    History history =
        new History(CheckpointFileManager.create(path, new Configuration()), path, RECENT);
    history.start(begun);
    return history;
  }

  private static Account account(long batch, long rows) {
    return new Account(
        batch,
        batch,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of(new Account.Arrival("out", rows, rows, 0, 0)));
  }
}
