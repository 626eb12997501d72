package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.engine.spi.Chronicle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final UUID ID = UUID.randomUUID();
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

    List<Account> accounts = read();
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

    assertThat(arrived()).isEqualTo(rolled + 1);
    History next = history(rolled);
    for (long batch = rolled + 1; batch <= 2 * rolled; batch++) {
      next.keep(account(batch, 1));
    }
    assertThat(arrived()).isEqualTo(2 * rolled + 1);
  }

  @Test
  void forgetsWhatACheckpointThatWasPutBackDoesNotKnow() {
    History history = history(-1);
    for (long batch = 0; batch < 10; batch++) {
      history.keep(account(batch, 1));
    }
    place("before").chronicle().keep(entry(account(20, 1)));

    history(4);
    assertThat(read()).extracting(Account::to).containsExactly(3L, 4L);
  }

  @Test
  void goesOnFromWhereAnEarlierVersionKeptIt() {
    place("before").chronicle().keep(entry(account(0, 5).plus(account(1, 5))));
    place("before").chronicle().keep(entry(account(2, 5)));

    History history = history(2);
    for (long batch = 2; batch <= 2 + 2 * RECENT; batch++) {
      history.keep(account(batch, 99));
    }

    List<Account> accounts = read();
    assertThat(accounts.subList(0, 3))
        .as("batch 2 came again")
        .extracting(account -> "%d-%d %d".formatted(account.from(), account.to(), rows(account)))
        .containsExactly("0-1 10", "2-2 5", "3-%d %d".formatted(RECENT + 2, 99 * RECENT));
    assertThat(arrived()).isEqualTo(15 + 99 * 2 * RECENT);
  }

  @Test
  void saysWhichPlacesContradictEachOther() {
    place("before").chronicle().keep(entry(account(0, 5)));
    place("before").chronicle().keep(entry(account(1, 5)));
    place("ledger").chronicle().keep(entry(account(0, 5)));
    place("ledger").chronicle().keep(entry(account(1, 6)));
    UUID other = UUID.randomUUID();
    place("before").chronicle().keep(new Chronicle.Entry(other, 7, 7, account(7, 1).text()));

    Merged merged = Merged.of(List.of(place("ledger"), place("before")));
    assertThat(merged.accounts(ID)).extracting(HistoryTest::rows).containsExactly(5L, 6L);
    assertThat(merged.differences(ID))
        .containsExactly(
            "Batches 1 to 1 have other accounts in %s than in %s"
                .formatted(folder.resolve("before"), folder.resolve("ledger")));
    assertThat(merged.sources(Optional.of(ID)))
        .extracting(Audit.Source::queryId, Audit.Source::shown, Audit.Source::last)
        .containsExactlyInAnyOrder(
            tuple(ID, true, 1L), tuple(ID, true, 1L), tuple(other, false, 7L));
  }

  private static Chronicle.Entry entry(Account account) {
    return new Chronicle.Entry(ID, account.from(), account.to(), account.text());
  }

  private static long rows(Account account) {
    return account.sinks().get(0).arrived();
  }

  private Path ledger() {
    return folder.resolve("ledger").resolve(ID.toString());
  }

  private Place place(String name) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
    return new Place(
        Optional.empty(), path::toString, new FileChronicle(path, new Configuration()));
  }

  private List<Account> read() {
    return Merged.of(List.of(place("ledger"), place("before"))).accounts(ID);
  }

  private long arrived() {
    return read().stream()
        .flatMap(account -> account.sinks().stream())
        .mapToLong(Account.Arrival::arrived)
        .sum();
  }

  private History history(long begun) {
    History history = new History(List.of(place("ledger"), place("before")), ID, RECENT);
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
