package io.millrace.engine.run;

import io.millrace.engine.spi.Chronicle;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes the accounts of a query's batches: one for each of the last batches, and one for all
 * before them. A batch that comes again counts once, as it was counted first.
 */
final class History {
  private final Place own;
  private final List<Place> others;
  private final UUID queryId;
  private final int recent;
  private final TreeMap<Long, Account> batches = new TreeMap<>();
  private Optional<Account> before = Optional.empty();
  private List<Account> elsewhere = List.of();
  private long begun = -1;

  /**
   * The history of one checkpoint.
   *
   * @param places the first is written; the others may have accounts of before
   * @param recent so many of the last batches have an account of their own, and up to twice as many
   */
  History(List<Place> places, UUID queryId, int recent) {
    this.own = places.get(0);
    this.others = places.subList(1, places.size());
    this.queryId = queryId;
    this.recent = recent;
  }

  /** Gets ready to write; what a checkpoint that was put back does not know is forgotten. */
  void start(long lastBegun) {
    begun = lastBegun;
    own.run(
        chronicle -> {
          chronicle.open();
          chronicle.forget(queryId, lastBegun);
        });
    others.stream()
        .filter(place -> place.sink().isEmpty())
        .forEach(place -> place.chronicle().forget(queryId, lastBegun));
    for (Account account : accounts(own)) {
      if (account.from() == account.to()) {
        batches.put(account.to(), account);
      } else if (before.isEmpty() || before.get().to() < account.to()) {
        before = Optional.of(account);
      }
    }
    before.ifPresent(sum -> batches.headMap(sum.to(), true).clear());
    elsewhere = others.stream().flatMap(place -> accounts(place).stream()).toList();
  }

  private List<Account> accounts(Place place) {
    return place.chronicle().entries().stream()
        .filter(entry -> entry.queryId().equals(queryId))
        .map(Account::of)
        .toList();
  }

  /** Keeps the account of one batch. */
  void keep(Account account) {
    if (account.to() <= begun && kept(account.to())) {
      return;
    }
    write(account);
    batches.put(account.to(), account);
    if (batches.size() >= 2 * recent) {
      rollUp();
    }
  }

  /** Whether there is an account of a batch that needs no better one. */
  private boolean kept(long batch) {
    Account own = batches.get(batch);
    return before.filter(sum -> sum.holds(batch)).isPresent()
        || (own != null && own.balanced())
        || elsewhere.stream().anyMatch(account -> account.holds(batch) && account.balanced());
  }

  /** Adds all but the last batches to one account. */
  private void rollUp() {
    List<Account> older = batches.values().stream().limit(batches.size() - recent).toList();
    Account sum = before.orElse(older.get(0));
    for (Account account : older) {
      sum = account.from() > sum.to() ? sum.plus(account) : sum;
    }
    write(sum);
    before = Optional.of(sum);
    batches.headMap(sum.to(), true).clear();
  }

  private void write(Account account) {
    Chronicle.Entry entry =
        new Chronicle.Entry(queryId, account.from(), account.to(), account.text());
    own.run(chronicle -> chronicle.keep(entry));
  }
}
