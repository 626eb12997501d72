package io.millrace.engine.run;

import io.millrace.engine.spi.Chronicle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The accounts of a query as all places have them.
 *
 * @param held by the name of each place, which is there once; the first is the one that is written
 * @param faults why a place cannot be read, in sentences
 */
record Merged(Map<String, List<Counted>> held, List<String> faults) {

  /** An account of a checkpoint. */
  record Counted(UUID queryId, Account account) {}

  static Merged of(List<Place> places) {
    Map<String, List<Counted>> held = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (Place place : places) {
      try {
        String name = place.name().get();
        if (!held.containsKey(name)) {
          held.put(name, place.chronicle().entries().stream().map(Merged::counted).toList());
        }
      } catch (RuntimeException e) {
        faults.add(JobFailedException.why(e));
      }
    }
    return new Merged(held, List.copyOf(faults));
  }

  private static Counted counted(Chronicle.Entry entry) {
    return new Counted(entry.queryId(), Account.of(entry));
  }

  /** The checkpoint whose account is the latest. */
  Optional<UUID> latest() {
    return held.values().stream()
        .flatMap(List::stream)
        .max(Comparator.comparingLong(kept -> kept.account().at()))
        .map(Counted::queryId);
  }

  /** Those of a checkpoint in the order of their batches; of a batch that has several, one. */
  List<Account> accounts(UUID queryId) {
    return walk(queryId, new ArrayList<>());
  }

  /** Where places say something else of the same batches. */
  List<String> differences(UUID queryId) {
    List<String> differences = new ArrayList<>();
    walk(queryId, differences);
    return differences;
  }

  /** Each account with its place, by the batch with which it begins; longer ones first. */
  private List<Account> walk(UUID queryId, List<String> differences) {
    record Said(String place, Account account) {}
    List<Said> all = new ArrayList<>();
    held.forEach(
        (place, entries) ->
            entries.stream()
                .filter(kept -> kept.queryId().equals(queryId))
                .forEach(kept -> all.add(new Said(place, kept.account()))));
    all.sort(
        Comparator.<Said>comparingLong(said -> said.account().from())
            .thenComparing(said -> said.account().to(), Comparator.reverseOrder()));
    List<Account> accounts = new ArrayList<>();
    Optional<Said> last = Optional.empty();
    for (Said next : all) {
      Account account = next.account();
      Optional<Said> over = last.filter(said -> account.from() <= said.account().to());
      if (over.isEmpty()) {
        accounts.add(account);
        last = Optional.of(next);
      } else if (account.to() > over.get().account().to()
          || account.contradicts(over.get().account())) {
        differences.add(
            "Batches %d to %d have other accounts in %s than in %s"
                .formatted(account.from(), account.to(), next.place(), over.get().place()));
      }
    }
    return accounts;
  }

  /**
   * Which place has what, place after place.
   *
   * @param shown the checkpoint whose accounts are shown
   */
  List<Audit.Source> sources(Optional<UUID> shown) {
    List<Audit.Source> sources = new ArrayList<>();
    held.forEach(
        (place, entries) -> {
          Map<UUID, Audit.Source> of = new LinkedHashMap<>();
          for (Counted kept : entries) {
            Account account = kept.account();
            UUID id = kept.queryId();
            of.merge(
                id,
                new Audit.Source(
                    place, id, shown.equals(Optional.of(id)), account.from(), account.to()),
                Merged::joined);
          }
          sources.addAll(of.values());
        });
    return sources;
  }

  private static Audit.Source joined(Audit.Source one, Audit.Source other) {
    return new Audit.Source(
        one.place(),
        one.queryId(),
        one.shown(),
        Math.min(one.first(), other.first()),
        Math.max(one.last(), other.last()));
  }
}
